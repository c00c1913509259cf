package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.ForwardingDataFile;
import dev.weir.common.file.ForwardingDataFiles;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.Watermark;
import dev.weir.service.log.segment.recovery.PartitionScan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** One partition's watermark hangs in its sync (D5: others go on). */
final class HangingWatermarkTest {
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final SimulatedDisk disk = new SimulatedDisk();
  private volatile boolean hangs;

  /** The syncs of a file may hang. */
  private final class HangingFile extends ForwardingDataFile {
    HangingFile(DataFile file) {
      super(file);
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      if (hangs) {
        reached.countDown();
        try {
          goOn.await();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
      file.sync(metadata);
    }
  }

  private final class HangingFiles extends ForwardingDataFiles {
    HangingFiles() {
      super(HangingWatermarkTest.this.disk);
    }

    @Override
    public DataFile open(Path path) throws IOException {
      DataFile file = disk.open(path);
      return path.equals(TestEngine.DIRECTORY.resolve("watermark")) ? new HangingFile(file) : file;
    }
  }

  private static Watermark watermark(DataFiles files, PartitionId id) throws IOException {
    return PartitionScan.watermark(PartitionDirectory.of(files, TestEngine.DATA, id));
  }

  @Test
  void watermarkThatHangs_keepsNoOtherFromBeingWritten() throws Exception {
    SegmentEngine engine =
        SegmentEngine.open(
            TestEngine.DATA,
            new HangingFiles(),
            TestEngine.SMALL,
            () -> 7,
            new Random(5),
            Runnable::run,
            event -> {});
    PartitionLog hanging = engine.claim(TestEngine.PARTITION, true);
    PartitionId beside = new PartitionId("00000000000000cd", 0);
    PartitionLog other = engine.claim(beside, true);
    TestRecords.commit(hanging, 2, 100, 1);
    hangs = true;
    CompletableFuture<Void> first = CompletableFuture.runAsync(engine::tick);
    assertThat(reached.await(30, TimeUnit.SECONDS)).as("the first tick hangs").isTrue();
    TestRecords.commit(hanging, 1, 100, 2);
    TestRecords.commit(other, 3, 100, 3);

    CompletableFuture.runAsync(engine::tick).get(30, TimeUnit.SECONDS);

    assertThat(watermark(disk, beside).syncedOffset()).isEqualTo(3);
    assertThat(first).isNotDone();
    hangs = false;
    goOn.countDown();
    first.get(30, TimeUnit.SECONDS);
    engine.tick();
    assertThat(watermark(disk, TestEngine.PARTITION).syncedOffset()).isEqualTo(3);
    engine.close();
  }
}
