package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.Slice;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.PartitionLog.Retention;
import dev.weir.service.log.TestRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Retention of a partition to which no records come: both checkpoints have the same offset. */
final class IdleRetentionTest {
  private static final Retention NOTHING = new Retention(Long.MAX_VALUE, 0);

  private final TestEngine disk = new TestEngine();

  private static Checkpoint checkpoint(PartitionLog log) {
    return new Checkpoint(
        log.epoch(), log.endOffset(), log.endReadings(), Slice.of(new byte[] {1, 2, 3}));
  }

  private static List<LogRecord> fill(PartitionLog log) throws IOException {
    List<LogRecord> records = new ArrayList<>();
    for (int round = 0; round < 6; round++) {
      records.addAll(TestRecords.commit(log, 4, 700, log.endOffset()));
    }
    return records;
  }

  private static List<Path> checkpoints(TestEngine of) {
    return of.files.paths().stream()
        .filter(path -> path.getFileName().toString().startsWith("checkpoint-"))
        .toList();
  }

  @Test
  void secondCheckpointOfTheSameOffset_letsTheRestGo() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> records = fill(log);
    log.checkpoint(checkpoint(log));
    assertThat(log.retain(NOTHING)).as("one checkpoint").isTrue();
    assertThat(log.startOffset()).isZero();

    for (int again = 0; again < 3; again++) {
      log.checkpoint(checkpoint(log));
      assertThat(checkpoints(disk)).hasSize(2);
    }

    assertThat(log.retain(NOTHING)).isFalse();
    assertThat(disk.segments()).hasSize(1);
    log = disk.restart();
    assertThat(TestRecords.read(log))
        .isNotEmpty()
        .isEqualTo(records.subList((int) log.startOffset(), records.size()));
    assertThat(log.retain(NOTHING)).isFalse();
  }

  @Test
  void eitherOfTheTwo_isEnoughForARestart() throws IOException {
    for (int damaged = 0; damaged < 2; damaged++) {
      TestEngine one = new TestEngine();
      PartitionLog log = one.start();
      fill(log);
      Checkpoint kept = checkpoint(log);
      log.checkpoint(kept);
      log.checkpoint(kept);
      log.retain(NOTHING);
      one.files.flip(checkpoints(one).get(damaged), 48);

      PartitionLog again = one.restart();

      assertThat(again.checkpoint()).contains(kept);
      again.checkpoint(kept);
      assertThat(checkpoints(one)).as("two again").hasSize(2);
      assertThat(one.restart().checkpoint()).contains(kept);
    }
  }

  @Test
  void newerCheckpoints_replaceBoth() throws IOException {
    PartitionLog log = disk.start();
    fill(log);
    log.checkpoint(checkpoint(log));
    log.checkpoint(checkpoint(log));
    for (int more = 0; more < 2; more++) {
      fill(log);
      log.checkpoint(checkpoint(log));
      assertThat(checkpoints(disk)).hasSize(2);
      assertThat(log.checkpoint()).contains(checkpoint(log));
    }
    assertThat(checkpoints(disk)).noneMatch(path -> path.toString().endsWith("-2"));
  }

  @Test
  void powerCutAtEveryStep_leavesACheckpointForWhatIsLeft() throws IOException {
    for (int step = 1; step < 12; step++) {
      for (int seed = 0; seed < 6; seed++) {
        TestEngine crashing = new TestEngine();
        PartitionLog log = crashing.start();
        List<LogRecord> records = fill(log);
        log.checkpoint(checkpoint(log));
        records.addAll(fill(log));
        Checkpoint newest = checkpoint(log);
        log.checkpoint(newest);
        crashing.files.failSync(step);
        try {
          log.checkpoint(newest);
          log.retain(NOTHING);
        } catch (IOException expected) {
          assertThat(expected).hasStackTraceContaining("injected");
        }

        PartitionLog again =
            crashing.restartAfterPowerCut(seed == 0 ? null : new Random(step * 1_000_003L + seed));

        assertThat(again.checkpoint()).as("step %d, seed %d", step, seed).contains(newest);
        assertThat(TestRecords.read(again))
            .isEqualTo(records.subList((int) again.startOffset(), records.size()));
        Path first = checkpoints(crashing).get(checkpoints(crashing).size() - 1);
        crashing.files.flip(first, 48);
        if (again.startOffset() > 0) {
          assertThat(again.checkpoint()).as("the other one").isPresent();
        }
      }
    }
  }

  @Test
  void bothDamaged_isRefused() throws IOException {
    PartitionLog log = disk.start();
    fill(log);
    log.checkpoint(checkpoint(log));
    log.checkpoint(checkpoint(log));
    log.retain(NOTHING);
    for (Path path : checkpoints(disk)) {
      disk.files.flip(path, 48);
    }
    PartitionLog again = disk.restart();
    assertThatThrownBy(again::checkpoint).isInstanceOf(DataLossException.class);
  }
}
