package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.AppendClock;
import dev.weir.service.core.Slice;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.RecordType;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.SegmentOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A2: retention by age while the wall clock jumps, by hours and by years, whenever no process is
 * there to see it.
 */
class ClockJumpProperties {
  private static final long HOUR = Duration.ofHours(1).toNanos();
  private static final long YEAR = Duration.ofDays(365).toNanos();
  private static final long[] JUMPS = {0, 1, HOUR, -HOUR, 40 * YEAR, -40 * YEAR, -1, 10 * YEAR};
  private static final long MAX_AGE = 10 * HOUR;
  private static final int BATCH_BYTES = 700;

  @Property(tries = 300)
  void clockThatJumpsBetweenProcesses_expiresNothingEarly_andNothingNever(@ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    TestEngine disk =
        new TestEngine(
            new SimulatedDisk(),
            new SegmentOptions(
                2_048, 512, 2, 1_024, 1_024, 1 << 20, random.nextBoolean() ? 1 : 50));
    disk.nowNanos = 50 * YEAR;
    World world = new World(disk);
    for (int step = 0; step < 60; step++) {
      switch (random.nextInt(6)) {
        case 0 -> world.restart(JUMPS[random.nextInt(JUMPS.length)], random.nextBoolean());
        case 1 -> world.retain();
        case 2 -> world.live((long) (random.nextDouble() * MAX_AGE / 4));
        default -> world.append();
      }
    }
    world.requireAllGoes();
  }

  /** A partition and what a perfect clock says of its records. */
  private static final class World {
    private final TestEngine disk;
    private final List<Long> livedAt = new ArrayList<>(); // by offset
    private long lived; // time that a process was there
    private PartitionLog log;
    private AppendClock clock;
    private long lastNanos;

    World(TestEngine disk) throws IOException {
      this.disk = disk;
      open();
    }

    private void open() throws IOException {
      log = disk.start();
      lastNanos = log.lastAppendTimeNanos();
      clock = new AppendClock(() -> disk.nowNanos, lastNanos);
    }

    void restart(long jumpNanos, boolean killed) throws IOException {
      if (killed) {
        disk.files.kill();
      } else {
        disk.engine.close();
      }
      disk.nowNanos += jumpNanos;
      open();
    }

    void live(long nanos) {
      lived += nanos;
      disk.nowNanos += nanos;
    }

    void append() {
      long now = Math.max(lastNanos, clock.getAsLong());
      LogRecord record =
          new LogRecord(
              log.endOffset(),
              log.epoch(),
              now,
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
      lastNanos = now;
      livedAt.add(lived);
    }

    void retain() throws IOException {
      for (int i = 0; i < 2; i++) {
        log.checkpoint(
            new Checkpoint(
                log.epochs().isEmpty() ? 0 : log.epochs().get(log.epochs().size() - 1).epoch(),
                log.endOffset(),
                log.endReadings(),
                Slice.EMPTY));
      }
      log.retain(new PartitionLog.Retention(clock.getAsLong() - MAX_AGE, Long.MAX_VALUE));
      for (int offset = 0; offset < log.startOffset(); offset++) {
        assertThat(lived - livedAt.get(offset))
            .as("age of offset %s, which was deleted", offset)
            .isGreaterThan(MAX_AGE);
      }
    }

    /** In twice its age, at the slowest, everything but the newest segment is gone. */
    void requireAllGoes() throws IOException {
      append();
      live(2 * MAX_AGE + 2);
      append();
      retain();
      assertThat(log.endOffset() - log.startOffset())
          .as("what is left of %s", log.endOffset())
          .isLessThanOrEqualTo(5);
    }
  }
}
