package dev.weir.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.CursorResolver;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.cursor.ResolvedPosition;
import dev.weir.service.log.PartitionLog.EpochStart;
import dev.weir.service.log.PartitionLog.Retention;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every engine keeps whose logs outlive a restart. An engine's own test extends it. */
public abstract class RestartContractTest extends RetentionContractTest {
  @Test
  void committedRecords_readBackEqualAfterRestart() throws IOException {
    PartitionLog log = engine().claim(PARTITION, true);
    List<LogRecord> records = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      records.addAll(TestRecords.commit(log, 1 + round % 5, 3_000, round * 100L));
    }
    LogRecord next = TestRecords.next(log, 1, 10, 2).get(0);
    LogRecord big = TestRecords.withBatch(next, Slice.of(new byte[3_000_000]));
    assertThat(TestRecords.append(log, List.of(big))).isEqualTo(new AppendOutcome.Committed());
    records.add(big);

    PartitionLog again = restart();

    assertThat(TestRecords.read(again)).containsExactlyElementsOf(records);
    assertThat(again.endOffset()).isEqualTo(big.nextOffset());
    assertThat(again.endReadings()).isEqualTo(big.readingsAfter());
    assertThat(again.lastAppendTimeNanos()).isEqualTo(big.appendTimeNanos());
    assertThat(again.bytes()).isGreaterThanOrEqualTo(log.bytes());
  }

  @Test
  void claimAgain_raisesTheEpochAndOffsetsGoOn() throws IOException {
    PartitionLog first = engine().claim(PARTITION, true);
    long firstEpoch = first.epoch();
    TestRecords.commit(first, 3, 100, 1);
    PartitionLog second = restart();
    assertThat(second.epoch()).isGreaterThan(firstEpoch);
    assertThat(second.endOffset()).isEqualTo(3);
    TestRecords.commit(second, 1, 100, 2);
    second.close();
    PartitionLog third = engine().claim(PARTITION, true);
    assertThat(third.epoch()).isGreaterThan(second.epoch());
    assertThat(third.endOffset()).isEqualTo(4);
  }

  @Test
  void epochs_nameTheFirstOffsetOfEachThatHasRecords() throws IOException {
    List<EpochStart> expected = new ArrayList<>();
    PartitionLog log = engine().claim(PARTITION, true);
    for (int start = 0; start < 6; start++) {
      if (start % 3 != 1) { // every third epoch stays without records
        expected.add(new EpochStart(log.epoch(), log.endOffset(), log.endReadings()));
        TestRecords.commit(log, 4, 900, start);
      }
      assertThat(log.epochs()).isEqualTo(expected);
      log = restart();
      assertThat(log.epochs()).isEqualTo(expected);
    }
  }

  @Test
  void checkpoint_theNewestIsFoundAfterRestart() throws IOException {
    PartitionLog log = engine().claim(PARTITION, true);
    Checkpoint newest = null;
    for (int round = 0; round < 4; round++) {
      TestRecords.commit(log, 5, 700, round * 10L);
      newest = checkpoint(log, "state " + round);
      log.checkpoint(newest);
    }
    TestRecords.commit(log, 1, 700, 99);

    assertThat(log.checkpoint()).contains(newest);
    assertThat(restart().checkpoint()).contains(newest);
  }

  @Test
  void restartAfterRetention_beginsWhereTheLogBegan() throws IOException {
    PartitionLog log = engine().claim(PARTITION, true);
    List<LogRecord> records = new ArrayList<>(fill(log, 10));
    Position old = new Position(log.epoch(), 3, records.get(3).readingsBefore(), 0);
    log = restart();
    records.addAll(fill(log, 20));
    log.retain(new Retention(Long.MIN_VALUE, 10_000));
    int start = (int) log.startOffset();
    assertThat(start).as("all of the first epoch is deleted").isGreaterThan(50);
    List<EpochStart> epochs = log.epochs();
    long readings = log.startReadings();
    Checkpoint newest = checkpoint(log, "state 19");

    for (int again = 0; again < 3; again++) {
      log = restart();

      assertThat(log.startOffset()).isEqualTo(start);
      assertThat(log.startReadings()).isEqualTo(readings);
      assertThat(log.epochs()).isEqualTo(epochs);
      assertThat(log.checkpoint()).contains(newest);
      assertThat(TestRecords.read(log))
          .containsExactlyElementsOf(records.subList(start, records.size()));
      assertThat(CursorResolver.resolve(old, log.range()))
          .isEqualTo(
              new ResolvedPosition.Expired(
                  old, log.range().earliest(), readings - old.readingsSeen()));
    }
    records.addAll(fill(log, 20));
    assertThat(log.retain(new Retention(Long.MIN_VALUE, 10_000))).isFalse();
    assertThat(log.startOffset()).isGreaterThan(start);
  }

  @Test
  void deletedPartition_isStillEmptyAfterRestart() throws IOException {
    PartitionLog log = engine().claim(PARTITION, true);
    fill(log, 5);
    log.close();
    engine().delete(PARTITION);

    PartitionLog again = restart();

    assertThat(again.endOffset()).isZero();
    assertThat(again.epochs()).isEmpty();
    assertThat(again.checkpoint()).isEmpty();
  }
}
