package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.RecordType;
import dev.weir.service.log.TestRecords;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Retention by age on a server that is restarted every day and gets one batch a day. */
final class DailyRestartTest {
  private static final long HOUR = Duration.ofHours(1).toNanos();
  private static final long DAY = 24 * HOUR;
  private static final long MAX_AGE = 10 * DAY;
  private static final int DAYS = 40;
  private static final int BATCH_BYTES = 1_500; // a segment each

  private final TestEngine disk = new TestEngine();
  private PartitionLog log;

  private void append() {
    LogRecord record =
        new LogRecord(
            log.endOffset(),
            log.epoch(),
            disk.nowNanos,
            RecordType.BATCH,
            "",
            0,
            0,
            log.endReadings(),
            1,
            0,
            0,
            Slice.EMPTY,
            Slice.of(new byte[BATCH_BYTES]));
    assertThat(TestRecords.append(log, List.of(record)))
        .isInstanceOf(AppendOutcome.Committed.class);
  }

  private void retain() throws IOException {
    for (int i = 0; i < 2; i++) {
      List<PartitionLog.EpochStart> epochs = log.epochs();
      long epoch = epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).epoch();
      log.checkpoint(new Checkpoint(epoch, log.endOffset(), log.endReadings(), Slice.EMPTY));
    }
    log.retain(new PartitionLog.Retention(disk.nowNanos - MAX_AGE, Long.MAX_VALUE));
  }

  /** Lives so long, hour by hour. */
  private void live(long nanos) {
    long end = disk.nowNanos + nanos;
    while (disk.nowNanos < end) {
      disk.nowNanos = Math.min(end, disk.nowNanos + HOUR);
      disk.engine.tick();
    }
  }

  /** Days of the batches that are left after so many days. */
  private long left(long batchAfter, boolean killed) throws IOException {
    disk.nowNanos = 1_000 * DAY;
    log = disk.start();
    for (int day = 0; day < DAYS; day++) {
      live(batchAfter);
      append();
      retain();
      assertThat(day - log.startOffset())
          .as("days left on day %d", day)
          .isGreaterThanOrEqualTo(Math.min(day, MAX_AGE / DAY));
      live(DAY - batchAfter);
      log = killed ? disk.restartAfterKill() : disk.restart();
    }
    return log.endOffset() - log.startOffset();
  }

  @Test
  void batchRightAfterTheRestart_growsOld() throws IOException {
    assertThat(left(HOUR / 60, false)).isLessThanOrEqualTo(MAX_AGE / DAY + 2);
  }

  @Test
  void batchRightBeforeTheRestart_growsOld() throws IOException {
    assertThat(left(DAY - HOUR / 60, false)).isLessThanOrEqualTo(MAX_AGE / DAY + 2);
  }

  @Test
  void batchOfAServerThatIsKilledDaily_growsOld() throws IOException {
    assertThat(left(12 * HOUR, true)).isLessThanOrEqualTo(MAX_AGE / DAY + 3);
  }

  @Test
  void absence_makesNothingOld() throws IOException {
    disk.nowNanos = 1_000 * DAY;
    log = disk.start();
    for (int year = 0; year < 5; year++) {
      append();
      disk.engine.close();
      disk.nowNanos += 365 * DAY;
      log = disk.start();
      live(DAY);
      retain();
    }
    assertThat(log.startOffset()).isZero();
  }
}
