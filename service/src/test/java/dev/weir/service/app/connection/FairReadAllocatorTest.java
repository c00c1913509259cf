package dev.weir.service.app.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much is read of a connection before another one has its turn. */
@SuppressWarnings("deprecation") // the interface still makes plain handles
class FairReadAllocatorTest {
  private final AtomicLong nanos = new AtomicLong(-5);
  private final EmbeddedChannel channel = new EmbeddedChannel();

  private final ExtendedHandle handle =
      (ExtendedHandle) new FairReadAllocator(nanos::get).newHandle();

  @AfterEach
  void close() {
    ReadPass.current().begin();
    channel.finishAndReleaseAll();
  }

  /** Reads a turn from a socket that is always full; the sizes of its reads. */
  private List<Integer> turn(long nanosPerByte) {
    List<Integer> reads = new ArrayList<>();
    handle.reset(channel.config());
    do {
      var buffer = handle.allocate(channel.alloc());
      int bytes = buffer.writableBytes();
      buffer.release();
      handle.attemptedBytesRead(bytes);
      handle.lastBytesRead(bytes);
      handle.incMessagesRead(1);
      reads.add(bytes);
      nanos.addAndGet(bytes * nanosPerByte); // it is handled
    } while (handle.continueReading(() -> true));
    handle.readComplete();
    return reads;
  }

  private static int bytes(List<Integer> reads) {
    return reads.stream().mapToInt(Integer::intValue).sum();
  }

  @Test
  void requestsThatTakeLong_areReadInPiecesThatFitInATurn() {
    turn(1_000); // a short request of 50 bytes takes 50 µs
    turn(1_000);
    for (int i = 0; i < 10; i++) {
      List<Integer> reads = turn(1_000);
      assertThat(bytes(reads) * 1_000L)
          .as("nanoseconds of a turn that read %s", reads)
          .isLessThanOrEqualTo(2 * ReadPass.TURN_NANOS_MAX + FairReadAllocator.LEAST_BYTES * 1_000);
    }
  }

  @Test
  void bytesThatTakeNoTime_areReadAsTheLibraryReadsThem() {
    for (int i = 0; i < 10; i++) {
      turn(1);
    }
    List<Integer> reads = turn(1);
    assertThat(reads).containsOnly(FairReadAllocator.MOST_BYTES).hasSize(16);
  }

  @Test
  void connectionThatWasSlow_isReadInLargePiecesAgain() {
    turn(100_000);
    assertThat(turn(100_000)).hasSize(1);
    for (int i = 0; i < 10; i++) {
      turn(1);
    }
    assertThat(turn(1)).containsOnly(FairReadAllocator.MOST_BYTES);
  }

  @Test
  void manyConnections_haveShorterTurns() {
    ReadPass pass = ReadPass.current();
    pass.begin();
    turn(1_000);
    for (int i = 0; i < 99; i++) {
      pass.turnNanos();
    }
    pass.begin();

    turn(1_000);

    assertThat(bytes(turn(1_000)) * 1_000L)
        .isLessThanOrEqualTo(ReadPass.PASS_NANOS / 100 + FairReadAllocator.LEAST_BYTES * 1_000);
  }

  @Test
  void connectionsWithoutNumber_haveTurnsAllTheSame() {
    ReadPass pass = ReadPass.current();
    pass.begin();
    for (int i = 0; i < 100_000; i++) {
      pass.turnNanos();
    }
    pass.begin();

    assertThat(pass.turnNanos()).isEqualTo(ReadPass.TURN_NANOS_MIN);

    pass.begin();

    assertThat(pass.turnNanos()).isEqualTo(ReadPass.TURN_NANOS_MAX);
  }

  @Test
  void whateverItTakes_someBytesAreRead() {
    for (int i = 0; i < 10; i++) {
      assertThat(bytes(turn(1_000_000_000))).isBetween(FairReadAllocator.LEAST_BYTES, 1 << 16);
    }
  }
}
