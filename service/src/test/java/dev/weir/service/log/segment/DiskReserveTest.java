package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.DiskFullException;
import dev.weir.common.file.ForwardingDataFiles;
import dev.weir.service.core.Slice;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.PartitionLog.Retention;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.SegmentEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** D6: what publishers leave of a disk, what it is good for, and that it is used again. */
final class DiskReserveTest {
  private static final long RESERVE = 16_000;
  private static final long HELD = RESERVE / 8;
  private static final Retention NOTHING = new Retention(Long.MAX_VALUE, 0);

  private final TestEngine disk =
      new TestEngine(new SimulatedDisk(), TestEngine.SMALL.withReserveBytes(RESERVE));

  private static Checkpoint checkpoint(PartitionLog log, int bytes) {
    return new Checkpoint(
        log.epoch(), log.endOffset(), log.endReadings(), Slice.of(new byte[bytes]));
  }

  private List<SegmentEvent.Kind> told() {
    return disk.events.stream().map(SegmentEvent::kind).toList();
  }

  private List<LogRecord> fill(PartitionLog log) throws IOException {
    List<LogRecord> records = new ArrayList<>();
    while (log.hasRoom()) {
      records.addAll(TestRecords.commit(log, 2, 600, log.endOffset()));
    }
    return records;
  }

  @Test
  void publishersStopAtTheReserve_checkpointsAndRetentionGoOn_andSpaceIsUsedAgain()
      throws IOException {
    disk.files.free(RESERVE * 3);
    PartitionLog log = disk.start();
    disk.engine.tick();
    List<LogRecord> stored = fill(log);

    long left = disk.engine.health().freeBytes() + HELD;
    assertThat(left).as("not only once it is gone").isBetween(RESERVE - 2_000, RESERVE);
    assertThat(disk.engine.health().full()).isTrue();
    disk.engine.tick();
    disk.engine.tick();
    assertThat(told()).as("once, not per round").containsExactly(SegmentEvent.Kind.DISK_FULL);
    assertThat(disk.events.get(0).text())
        .contains("disk_reserve_bytes (" + RESERVE + ")")
        .contains("again once " + RESERVE * 5 / 4 + " bytes are free");
    assertThat(TestRecords.read(log)).as("reading goes on").isEqualTo(stored);

    log.checkpoint(checkpoint(log, 2_000));
    log.checkpoint(checkpoint(log, 2_000));
    assertThat(log.retain(NOTHING)).isFalse();
    assertThat(disk.segments()).hasSize(1);
    disk.engine.tick();

    assertThat(log.hasRoom()).as("without a restart").isTrue();
    assertThat(told()).containsExactly(SegmentEvent.Kind.DISK_FULL, SegmentEvent.Kind.DISK_FREED);
    TestRecords.commit(log, 5, 600, 9);
  }

  @Test
  void spaceAroundTheReserve_doesNotFlap() throws IOException {
    disk.files.free(RESERVE * 2);
    PartitionLog log = disk.start();
    disk.files.free(RESERVE - 1);
    disk.engine.tick();
    assertThat(log.hasRoom()).isFalse();
    for (long more = 0; more < RESERVE / 4; more += 500) {
      disk.files.free(RESERVE + more);
      disk.engine.tick();
      assertThat(log.hasRoom()).as("%s more than the reserve", more).isFalse();
    }
    disk.files.free(RESERVE + RESERVE / 4);
    disk.engine.tick();
    assertThat(log.hasRoom()).isTrue();
  }

  @Test
  void diskFilledBySomebodyElse_checkpointTakesWhatWasHeld_andItIsHeldAgain() throws IOException {
    disk.files.free(RESERVE * 3);
    PartitionLog log = disk.start();
    List<LogRecord> stored = TestRecords.commit(log, 4, 300, 1);
    disk.engine.tick();
    assertThat(disk.files.bytes(TestEngine.DATA.resolve(DiskReserve.NAME))).hasSize((int) HELD);

    disk.files.free(0);
    assertThat(TestRecords.append(log, TestRecords.next(log, 1, 300, 2)))
        .isInstanceOf(AppendOutcome.NotStored.class);
    assertThat(log.hasRoom()).as("seen at once").isFalse();
    log.checkpoint(checkpoint(log, (int) HELD - 500));
    disk.files.free(0);
    Checkpoint another = checkpoint(log, 1_000);
    assertThatThrownBy(() -> log.checkpoint(another)).isInstanceOf(DiskFullException.class);

    disk.files.free(RESERVE * 2);
    disk.engine.tick();
    assertThat(disk.files.bytes(TestEngine.DATA.resolve(DiskReserve.NAME))).hasSize((int) HELD);
    log.checkpoint(another);
    stored = new ArrayList<>(stored);
    stored.addAll(TestRecords.commit(log, 1, 300, 2));
    assertThat(TestRecords.read(log)).isEqualTo(stored);
  }

  @Test
  void fullDiskThatCopiesWhatIsOverwritten_checkpointAndItsWatermarkTakeWhatWasHeld()
      throws IOException {
    disk.files.free(RESERVE * 3);
    disk.files.copyOnWrite();
    PartitionLog log = disk.start();
    disk.engine.tick();
    List<LogRecord> stored = TestRecords.commit(log, 4, 300, 1);
    disk.files.free(0);
    Checkpoint kept = checkpoint(log, 500);
    log.checkpoint(kept);
    disk.files.heal();
    PartitionLog again = disk.restartAfterPowerCut(null);
    assertThat(again.checkpoint().map(Checkpoint::offset)).contains(kept.offset());
    assertThat(TestRecords.read(again)).isEqualTo(stored);
  }

  @Test
  void systemPartition_takesWhatIsHeld_atTheNextTry() throws IOException {
    disk.files.free(RESERVE * 3);
    disk.start();
    PartitionLog system = disk.engine.claim(PartitionId.SYSTEM, true);
    disk.engine.tick();
    disk.files.free(0);
    assertThat(TestRecords.append(system, TestRecords.next(system, 1, 300, 1)))
        .isInstanceOf(AppendOutcome.NotStored.class);
    TestRecords.commit(system, 1, 300, 1);
  }

  @Test
  void newPartition_takesWhatIsHeld_atTheNextTry() throws IOException {
    disk.files.free(RESERVE * 8);
    disk.start();
    for (int second = 0; second < 2; second++) {
      disk.engine.tick();
    }
    disk.files.free(0);
    assertThatThrownBy(() -> disk.engine.claim(PartitionId.SYSTEM, true))
        .isInstanceOf(DiskFullException.class);
    assertThat(disk.files.freeBytes(TestEngine.DATA)).as("given up").isEqualTo(HELD);
  }

  @Test
  void startOnAFullDisk_takesWhatWasHeld() throws IOException {
    disk.files.free(RESERVE * 3);
    List<LogRecord> stored = TestRecords.commit(disk.start(), 4, 300, 1);
    disk.engine.tick();
    disk.files.kill();
    disk.files.free(0);

    assertThat(TestRecords.read(disk.start())).isEqualTo(stored);
    assertThat(disk.engine.health().full()).isTrue();
    disk.engine.close();
  }

  @Test
  void cleanEnd_leavesNothingHeld() throws IOException {
    disk.files.free(RESERVE * 3);
    disk.start();
    disk.engine.tick();
    disk.engine.close();
    assertThat(disk.files.paths()).doesNotContain(TestEngine.DATA.resolve(DiskReserve.NAME));
  }

  @Test
  void checkpointThatFindsNoSpaceAnywhere_leavesNothingBehind_andIsWrittenLater()
      throws IOException {
    TestEngine unreserved = new TestEngine();
    PartitionLog log = unreserved.start();
    List<LogRecord> stored = new ArrayList<>(TestRecords.commit(log, 4, 300, 1));
    log.checkpoint(checkpoint(log, 700));
    for (long free = 0; free < 700; free += 50) {
      unreserved.files.free(free);
      Checkpoint next = checkpoint(log, 700);
      assertThatThrownBy(() -> log.checkpoint(next)).isInstanceOf(DiskFullException.class);
      assertThat(unreserved.files.freeBytes(TestEngine.DATA))
          .as("what it began is gone")
          .isEqualTo(free);
    }
    unreserved.files.heal();
    stored.addAll(TestRecords.commit(log, 4, 300, 2));
    Checkpoint last = checkpoint(log, 700);
    log.checkpoint(last);
    PartitionLog again = unreserved.restartAfterPowerCut(null);
    assertThat(TestRecords.read(again)).isEqualTo(stored);
    assertThat(again.checkpoint().map(Checkpoint::offset)).contains(last.offset());
  }

  @Test
  void diskThatHangs_doesNotHoldUpWhoAsksForItsHealth() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicBoolean hangs = new AtomicBoolean();
    disk.through =
        files ->
            new ForwardingDataFiles(files) {
              @Override
              public long freeBytes(Path directory) throws IOException {
                if (hangs.get()) {
                  hanging.countDown();
                  await(goOn);
                }
                return super.freeBytes(directory);
              }
            };
    disk.files.free(RESERVE * 3);
    disk.start();
    hangs.set(true);
    CompletableFuture<Void> tick = CompletableFuture.runAsync(disk.engine::tick);
    await(hanging);

    LogEngine.Health health =
        CompletableFuture.supplyAsync(disk.engine::health).get(10, TimeUnit.SECONDS);

    assertThat(health.full()).isFalse();
    assertThat(health.freeBytes()).isGreaterThan(RESERVE);
    assertThat(tick).isNotDone();
    goOn.countDown();
    tick.get(30, TimeUnit.SECONDS);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException stop) {
      throw new AssertionError(stop);
    }
  }
}
