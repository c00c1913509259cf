package dev.weir.client.internal.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.BatchAck;
import dev.weir.client.internal.batch.FramePiece;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A spool on a disk that takes nothing more. */
class SpoolFullDiskTest {
  private static final int FRAMES = 40;

  private final FakeDisk disk = new FakeDisk(new Random(5));
  private ManualSpool process;
  private CompletableFuture<BatchAck> waiting;

  @BeforeEach
  void fill() throws IOException {
    process = new ManualSpool(disk, Duration.ZERO, 16 * 1024, 1);
    for (int i = 1; i <= FRAMES; i++) {
      process.publish(i);
      process.step();
    }
    disk.free(0);
    waiting = process.publish(0);
    process.step();
    assertThat(waiting).as("there is no room for it").isNotDone();
  }

  @Test
  void whatIsThere_isHandedOver_andMakesRoomWhenItIsStored() {
    process.open(0);
    assertThat(process.frames()).hasSize(FRAMES);
    store(FRAMES);
    process.step();
    assertThat(waiting).isCompleted();
    assertThat(process.frames()).hasSize(FRAMES + 1);
  }

  @Test
  void nextProcess_opensWhatIsThere() throws IOException {
    disk.kill();
    process = new ManualSpool(disk, Duration.ZERO, 16 * 1024, 1);
    process.open(0);
    assertThat(process.frames()).hasSize(FRAMES);
    store(FRAMES);
    assertThat(process.spool.status().bytes()).isZero();
  }

  private void store(int frames) {
    List<FramePiece> pieces =
        process.frames().stream().map(frame -> new FramePiece(frame, 0)).toList();
    process.step(worker -> worker.onStored(0, pieces, frames));
  }
}
