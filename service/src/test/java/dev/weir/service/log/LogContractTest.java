package dev.weir.service.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.log.PartitionLog.EpochStart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every engine keeps. An engine's own test extends it. */
public abstract class LogContractTest {
  /** Whose log most tests use. */
  protected static final PartitionId PARTITION = new PartitionId("00000000000000ff", 3);

  private LogEngine engine;

  /** The engine under test. */
  protected final LogEngine engine() {
    return engine;
  }

  /** Opens the engine on the test's store; after it was closed, again on the same store. */
  protected abstract LogEngine openEngine() throws IOException;

  @BeforeEach
  void open() throws IOException {
    engine = openEngine();
  }

  @AfterEach
  void close() throws IOException {
    engine.close();
  }

  /** Ends the engine, opens it again and claims the partition. */
  protected final PartitionLog restart() throws IOException {
    engine.close();
    engine = openEngine();
    return engine.claim(PARTITION, true);
  }

  /** A checkpoint of all that is committed. */
  protected static Checkpoint checkpoint(PartitionLog log, String state) {
    return new Checkpoint(
        log.epoch(),
        log.endOffset(),
        log.endReadings(),
        Slice.of(state.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void newPartition_isEmpty() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);

    assertThat(log.startOffset()).isZero();
    assertThat(log.endOffset()).isZero();
    assertThat(log.startReadings()).isZero();
    assertThat(log.endReadings()).isZero();
    assertThat(log.lastAppendTimeNanos()).isEqualTo(Long.MIN_VALUE);
    assertThat(log.epochs()).isEmpty();
    assertThat(log.checkpoint()).isEmpty();
    assertThat(TestRecords.read(log)).isEmpty();
  }

  @Test
  void committedRecords_readBackEqual() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    List<LogRecord> records = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      records.addAll(TestRecords.commit(log, 1 + round % 5, 3_000, round * 100L));
    }

    assertThat(TestRecords.read(log)).containsExactlyElementsOf(records);
    LogRecord last = records.get(records.size() - 1);
    assertThat(log.endOffset()).isEqualTo(last.nextOffset());
    assertThat(log.endReadings()).isEqualTo(last.readingsAfter());
    assertThat(log.lastAppendTimeNanos()).isEqualTo(last.appendTimeNanos());
  }

  @Test
  void recordLargerThanAnyBuffer_readsBackEqual() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    List<LogRecord> records = new ArrayList<>(TestRecords.commit(log, 1, 10, 1));
    LogRecord next = TestRecords.next(log, 1, 10, 2).get(0);
    byte[] large = new byte[3_000_000];
    new java.util.Random(3).nextBytes(large);
    LogRecord big = TestRecords.withBatch(next, Slice.of(large));
    assertThat(TestRecords.append(log, List.of(big))).isEqualTo(new AppendOutcome.Committed());
    records.add(big);
    records.addAll(TestRecords.commit(log, 1, 10, 4));

    assertThat(TestRecords.read(log)).containsExactlyElementsOf(records);
  }

  @Test
  void readerAtEveryOffset_givesTheRest() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    List<LogRecord> records = new ArrayList<>();
    for (int round = 0; round < 10; round++) {
      records.addAll(TestRecords.commit(log, 6, 700, round * 10L));
    }
    for (int offset = 0; offset <= records.size(); offset++) {
      assertThat(TestRecords.read(log, offset))
          .containsExactlyElementsOf(records.subList(offset, records.size()));
    }
    assertThatThrownBy(() -> log.read(records.size() + 1, true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> log.read(-1, true)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readerAtTheEnd_findsWhatIsCommittedLater() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    try (LogReader reader = log.read(0, true)) {
      for (int round = 0; round < 60; round++) {
        assertThat(reader.next()).isNull();
        List<LogRecord> records = TestRecords.commit(log, 1 + round % 3, 800, round * 10L);
        assertThat(TestRecords.drain(reader)).containsExactlyElementsOf(records);
      }
    }
  }

  @Test
  void readerWithoutBodies_hasEverythingButTheBatch() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    List<LogRecord> records = TestRecords.commit(log, 50, 2_000, 7);
    List<LogRecord> expected =
        records.stream().map(record -> TestRecords.withBatch(record, Slice.EMPTY)).toList();
    try (LogReader reader = log.read(0, false)) {
      assertThat(TestRecords.drain(reader)).containsExactlyElementsOf(expected);
    }
  }

  @Test
  void offsetAt_isTheFirstAtOrAfterTheTime() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    for (int round = 0; round < 10; round++) {
      TestRecords.commit(log, 5, 700, round * 10L);
    }
    assertThat(log.offsetAt(Long.MIN_VALUE)).isZero();
    for (int offset = 0; offset < 50; offset++) {
      long time = TestRecords.FIRST_NANOS + offset * 10L;
      assertThat(log.offsetAt(time)).isEqualTo(offset);
      assertThat(log.offsetAt(time - 5)).isEqualTo(offset);
    }
    assertThat(log.offsetAt(TestRecords.FIRST_NANOS + 491)).isEqualTo(50);
    assertThat(log.offsetAt(Long.MAX_VALUE)).isEqualTo(50);
  }

  @Test
  void recordsThatDoNotFollow_areRefusedAndNothingIsStored() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    List<LogRecord> records = TestRecords.next(log, 3, 100, 1);

    assertThatThrownBy(() -> log.append(records.subList(1, 3), outcome -> {}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> log.append(List.of(records.get(0), records.get(2)), outcome -> {}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(log.endOffset()).isZero();
    assertThat(TestRecords.append(log, records)).isEqualTo(new AppendOutcome.Committed());
    assertThat(TestRecords.read(log)).containsExactlyElementsOf(records);
  }

  @Test
  void checkpointAheadOfTheLog_isRefused() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    TestRecords.commit(log, 1, 100, 1);
    log.checkpoint(checkpoint(log, "all"));
    assertThatThrownBy(() -> log.checkpoint(new Checkpoint(log.epoch(), 2, 0, Slice.EMPTY)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void range_isWhatTheOthersSayOneByOne() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    assertThat(log.range()).isEqualTo(new LogRange(List.of(), log.epoch(), 0, 0, 0, 0));
    TestRecords.commit(log, 3, 100, 1);
    assertThat(log.epochs()).containsExactly(new EpochStart(log.epoch(), 0, 0));
    assertThat(log.range())
        .isEqualTo(
            new LogRange(
                List.of(new LogRange.Start(log.epoch(), 0, 0)),
                log.epoch(),
                0,
                0,
                3,
                log.endReadings()));
  }

  @Test
  void partitions_doNotShareAnything() throws IOException {
    PartitionLog one = engine.claim(PARTITION, true);
    PartitionLog two = engine.claim(new PartitionId(PARTITION.log(), 4), true);
    PartitionLog system = engine.claim(PartitionId.SYSTEM, true);
    List<LogRecord> ofOne = TestRecords.commit(one, 2, 100, 1);
    List<LogRecord> ofTwo = TestRecords.commit(two, 3, 100, 2);

    assertThat(TestRecords.read(one)).containsExactlyElementsOf(ofOne);
    assertThat(TestRecords.read(two)).containsExactlyElementsOf(ofTwo);
    assertThat(TestRecords.read(system)).isEmpty();
  }

  @Test
  void secondClaim_isRefusedWhileTheFirstIsOpen() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    assertThatThrownBy(() -> engine.claim(PARTITION, true))
        .isInstanceOf(IllegalStateException.class);
    log.close();
    engine.claim(PARTITION, true);
  }
}
