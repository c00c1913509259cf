package dev.weir.service.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.cursor.CursorResolver;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.cursor.ResolvedPosition;
import dev.weir.service.log.PartitionLog.Retention;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What every engine keeps when it deletes. An engine's own test extends it. */
public abstract class RetentionContractTest extends LogContractTest {
  /** Rounds of five records of about 350 bytes, each with a checkpoint behind it. */
  protected static List<LogRecord> fill(PartitionLog log, int rounds) throws IOException {
    List<LogRecord> records = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      records.addAll(TestRecords.commit(log, 5, 700, log.endOffset() * 10));
      log.checkpoint(checkpoint(log, "state " + round));
    }
    return records;
  }

  private static long nanos(long offset) {
    return TestRecords.FIRST_NANOS + offset * 10;
  }

  @Test
  void bytesBeyondTheBound_oldestRecordsGoAndTheRestStays() throws IOException {
    PartitionLog log = engine().claim(PARTITION, true);
    List<LogRecord> records = fill(log, 40);
    long before = log.bytes();
    assertThat(log.retain(new Retention(Long.MIN_VALUE, Long.MAX_VALUE))).isFalse();
    assertThat(log.startOffset()).isZero();
    assertThat(log.bytes()).isEqualTo(before);

    assertThat(log.retain(new Retention(Long.MIN_VALUE, 20_000))).isFalse();

    int start = (int) log.startOffset();
    assertThat(start).isBetween(1, records.size() - 20);
    assertThat(log.bytes()).isLessThan(before).isBetween(18_000L, 25_000L);
    assertThat(log.startReadings()).isEqualTo(records.get(start).readingsBefore());
    assertThat(log.range().startOffset()).isEqualTo(start);
    assertThat(log.range().startReadings()).isEqualTo(log.startReadings());
    assertThat(log.endOffset()).isEqualTo(records.size());
    for (int offset = start; offset <= records.size(); offset++) {
      assertThat(TestRecords.read(log, offset))
          .containsExactlyElementsOf(records.subList(offset, records.size()));
      assertThat(log.offsetAt(nanos(offset))).isEqualTo(offset);
    }
    assertThat(log.offsetAt(Long.MIN_VALUE)).isEqualTo(start);
    assertThat(log.offsetAt(nanos(start - 1))).isEqualTo(start);
    for (int offset = 0; offset < start; offset++) {
      long expired = offset;
      assertThatThrownBy(() -> log.read(expired, true))
          .isInstanceOf(ExpiredException.class)
          .hasMessageContaining(PARTITION + ": offset " + expired)
          .hasMessageContaining("begins at offset " + start);
    }
    assertThatThrownBy(() -> log.read(-1, true)).isInstanceOf(IllegalArgumentException.class);
    records.addAll(fill(log, 1));
    assertThat(TestRecords.read(log))
        .isEqualTo(records.subList((int) log.startOffset(), records.size()));
  }

  @Test
  void recordsOlderThanTheBound_go_youngerOnesNever() throws IOException {
    PartitionLog log = engine().claim(PARTITION, true);
    List<LogRecord> records = fill(log, 40);
    long last = 0;
    for (int keep = 0; keep <= 180; keep += 7) {
      assertThat(log.retain(new Retention(nanos(keep), Long.MAX_VALUE))).isFalse();
      assertThat(log.startOffset()).isBetween(last, (long) keep);
      last = log.startOffset();
      assertThat(TestRecords.read(log, keep)).isEqualTo(records.subList(keep, records.size()));
    }
    assertThat(last).as("no more than a file late").isGreaterThan(150);
    assertThat(TestRecords.read(log)).isEqualTo(records.subList((int) last, records.size()));
  }

  @Test
  void nothingAskedToBeKept_theNewestStaysAndAppendsGoOn() throws IOException {
    PartitionLog log = engine().claim(PARTITION, true);
    List<LogRecord> records = new ArrayList<>(fill(log, 20));
    log.retain(new Retention(Long.MAX_VALUE, 0));
    assertThat(log.startOffset()).isBetween(80L, 99L);
    for (int round = 0; round < 20; round++) {
      records.addAll(fill(log, 1));
      log.retain(new Retention(Long.MAX_VALUE, 0));
      assertThat(TestRecords.read(log))
          .isNotEmpty()
          .isEqualTo(records.subList((int) log.startOffset(), records.size()));
    }
    assertThat(log.startOffset()).isGreaterThan(170);
  }

  @Test
  void readerOvertaken_readsOnRightOrIsToldThatItExpired() throws IOException {
    PartitionLog log = engine().claim(PARTITION, true);
    List<LogRecord> records = fill(log, 40);
    try (LogReader early = log.read(0, true);
        LogReader late = log.read(195, true)) {
      assertThat(early.next()).isEqualTo(records.get(0));
      log.retain(new Retention(nanos(195), Long.MAX_VALUE));

      int next = 1;
      ExpiredException told = null;
      while (told == null) {
        try {
          assertThat(early.next()).isEqualTo(records.get(next));
          next++;
        } catch (ExpiredException e) {
          told = e;
        }
      }
      assertThat((long) next).isLessThan(log.startOffset());
      assertThatThrownBy(early::next).as("still").isInstanceOf(ExpiredException.class);
      assertThat(TestRecords.drain(late)).isEqualTo(records.subList(195, 200));
    }
  }

  @Test
  void cursorIntoWhatIsDeleted_isExpiredWithACount() throws IOException {
    PartitionLog log = engine().claim(PARTITION, true);
    List<LogRecord> records = fill(log, 40);
    log.retain(new Retention(Long.MIN_VALUE, 20_000));
    Position old = new Position(log.epoch(), 3, records.get(3).readingsBefore(), 0);
    Position kept = new Position(log.epoch(), 190, records.get(190).readingsBefore(), 0);

    assertThat(CursorResolver.resolve(old, log.range()))
        .isEqualTo(
            new ResolvedPosition.Expired(
                old, log.range().earliest(), log.startReadings() - old.readingsSeen()));
    assertThat(CursorResolver.resolve(kept, log.range())).isEqualTo(new ResolvedPosition.At(kept));
  }

  @Test
  void readersRacingRetention_seeTheRightRecordOrThatItExpired() throws Exception {
    PartitionLog log = engine().claim(PARTITION, true);
    Map<Long, LogRecord> truth = new ConcurrentHashMap<>();
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int reader = 0; reader < 3; reader++) {
        Random random = new Random(reader);
        readers.add(threads.submit(() -> readAlong(log, truth, random, done)));
      }
      Future<?> retention = threads.submit(retaining(log, done));
      for (int round = 0; round < 300; round++) {
        List<LogRecord> records = TestRecords.next(log, 4, 700, round * 10L);
        records.forEach(record -> truth.put(record.offset(), record));
        assertThat(TestRecords.append(log, records)).isEqualTo(new AppendOutcome.Committed());
        if (round % 3 == 0) {
          log.checkpoint(checkpoint(log, "state"));
        }
      }
      done.set(true);
      retention.get(10, TimeUnit.SECONDS);
      for (Future<Integer> reader : readers) {
        assertThat(reader.get(10, TimeUnit.SECONDS)).as("records read").isPositive();
      }
    } finally {
      threads.shutdownNow();
    }
    log.retain(new Retention(Long.MIN_VALUE, 8_000));
    assertThat(log.startOffset()).isGreaterThan(1_000);
    assertThat(log.endOffset()).isEqualTo(1_200);
    assertThat(log.endReadings()).isEqualTo(truth.get(1_199L).readingsAfter());
    assertThat(TestRecords.read(log)).hasSize((int) (1_200 - log.startOffset()));
  }

  private static Callable<Void> retaining(PartitionLog log, AtomicBoolean done) {
    return () -> {
      while (!done.get()) {
        log.retain(new Retention(Long.MIN_VALUE, 8_000));
      }
      return null;
    };
  }

  private static int readAlong(
      PartitionLog log, Map<Long, LogRecord> truth, Random random, AtomicBoolean done)
      throws IOException {
    int read = 0;
    while (!done.get() || read == 0) {
      long near = Math.max(0, log.startOffset() + random.nextInt(8) - 2);
      long next = Math.min(near, log.endOffset());
      try (LogReader reader = log.read(next, random.nextInt(4) > 0)) {
        for (LogItem item = reader.next(); item != null; item = reader.next()) {
          LogRecord record = (LogRecord) item;
          LogRecord expected = truth.get(record.offset());
          assertThat(record).isIn(expected, expected.withoutBatch());
          assertThat(record.offset()).isEqualTo(next);
          next = record.nextOffset();
          read++;
        }
      } catch (ExpiredException e) {
        assertThat(log.startOffset()).as("why %s", e).isPositive();
      }
      long at = log.offsetAt(nanos(log.startOffset()));
      assertThat(at).isBetween(0L, log.endOffset());
      assertThat(log.range().startReadings()).isLessThanOrEqualTo(log.range().endReadings());
    }
    return read;
  }

  @Test
  void deletedPartition_beginsEmptyUnderAGreaterEpoch() throws IOException {
    PartitionId other = new PartitionId(PARTITION.log(), 4);
    PartitionLog log = engine().claim(PARTITION, true);
    PartitionLog beside = engine().claim(other, true);
    fill(log, 20);
    List<LogRecord> kept = fill(beside, 2);
    assertThat(TestRecords.read(log)).hasSize(100);
    assertThatThrownBy(() -> engine().delete(PARTITION)).isInstanceOf(IllegalStateException.class);
    log.close();
    engine().delete(PARTITION);
    engine().delete(PARTITION);

    PartitionLog again = engine().claim(PARTITION, true);

    assertThat(again.epoch()).isGreaterThan(log.epoch());
    assertThat(again.endOffset()).isZero();
    assertThat(again.endReadings()).isZero();
    assertThat(again.epochs()).isEmpty();
    assertThat(again.lastAppendTimeNanos()).isEqualTo(Long.MIN_VALUE);
    List<LogRecord> records = new ArrayList<>();
    for (int round = 0; round < 30; round++) { // files of other sizes under the same names
      records.addAll(TestRecords.commit(again, 3, 900, 7_000 + round));
    }
    for (int offset = 0; offset < records.size(); offset++) {
      assertThat(TestRecords.read(again, offset))
          .isEqualTo(records.subList(offset, records.size()));
    }
    assertThat(TestRecords.read(beside)).isEqualTo(kept);
  }
}
