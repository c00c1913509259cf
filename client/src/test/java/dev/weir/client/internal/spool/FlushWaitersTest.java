package dev.weir.client.internal.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.FramePiece;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code flush} of a publisher with a spool waits for. */
class FlushWaitersTest {
  private final FakeDisk disk = new FakeDisk(new Random(5));
  private ManualSpool process;

  @BeforeEach
  void open() throws IOException {
    process = new ManualSpool(disk, Duration.ZERO, 16 * 1024, 20);
    process.open(0);
  }

  @Test
  void othersPublishWithoutAPause_flushWaitsOnlyForWhatCameBeforeIt() {
    process.publish(1);
    disk.onWrite(() -> process.publish(2));
    CompletableFuture<Void> flush = process.flush();
    assertThat(flush).isNotDone();
    process.step(worker -> worker.onStored(0, List.of(new FramePiece(1, 0)), 1));
    assertThat(flush).isCompleted();
  }

  @Test
  void batchesThatWaitForRoom_areWaitedFor() {
    int frames = 0;
    for (; process.spool.lastWritten() == frames; frames++) {
      process.publish(frames);
      process.step();
    }
    CompletableFuture<Void> flush = process.flush();
    List<FramePiece> written =
        process.frames().stream().map(frame -> new FramePiece(frame, 0)).toList();
    process.step(worker -> worker.onStored(0, written, written.size()));
    process.step();
    assertThat(flush).as("the one that found no room is not stored").isNotDone();
    long last = process.spool.lastWritten();
    process.step(worker -> worker.onStored(0, List.of(new FramePiece(last, 0)), last));
    assertThat(flush).isCompleted();
  }

  @Test
  void position_isWaitedFor() {
    process.publish(1);
    process.position("here");
    CompletableFuture<Void> flush = process.flush();
    process.step(worker -> worker.onStored(0, List.of(new FramePiece(1, 0)), 1));
    assertThat(flush).isCompleted();
    assertThat(process.spool.accepted().position()).isEqualTo("here");
  }

  @Test
  void readingsThatTheSpoolDidNotTake_failTheFlushBehindThem() {
    for (int i = 0; i < 20; i++) {
      process.publish("s".repeat(500) + i, i);
    }
    CompletableFuture<Void> flush = process.flush();
    assertThat(flush).isDone();
    assertThatThrownBy(flush::join).hasMessageContaining(WeirException.SPOOL_FULL);
  }
}
