package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.PartitionLog.Retention;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.log.segment.read.BlockCache;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What many readers of many partitions hold together, on real files. */
@Timeout(120)
final class SharedReadTest {
  private static final int PARTITIONS = 64;
  private static final int THREADS = 2;

  /** At most an eighth of 512 files. */
  private static final int FILES_APPENDED_TO = 64;

  private static final int RECORDS = 12;
  private static final int RECORD_BYTES = 20_000;

  /** Each reader of its own would hold a window of 256 KiB. */
  private static final SegmentOptions OPTIONS =
      new SegmentOptions(1 << 17, 1 << 12, 1_024, 1 << 18, 1 << 20, 1 << 26, 1_000);

  @TempDir private Path dataDir;
  private final Budget memory = new Budget("catchup_block_bytes", 1 << 21);
  private final Budget openFiles = new Budget("open_files_max", "files", () -> 512L);
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private SegmentEngine engine;

  @AfterEach
  void close() throws IOException {
    threads.shutdownNow();
    engine.close();
    assertThat(memory.used()).isZero();
    assertThat(openFiles.used()).isZero();
  }

  private SegmentEngine open(SegmentOptions options) throws IOException {
    engine =
        SegmentEngine.open(
            dataDir,
            new NioDataFiles(),
            options,
            new SegmentEngine.Setting(
                () -> 7,
                new Random(1),
                Runnable::run,
                event -> {},
                memory,
                openFiles,
                Duration.ofSeconds(1)));
    return engine;
  }

  private PartitionLog claim(int partition) throws IOException {
    return engine.claim(new PartitionId("00000000000000ab", partition), true);
  }

  /** A reader and what it is to find next. */
  private static final class Lagging {
    private final LogReader reader;
    private final List<LogRecord> records;
    private int next;

    Lagging(LogReader reader, List<LogRecord> records) {
      this.reader = reader;
      this.records = records;
    }

    void step() throws IOException {
      LogItem item = reader.next();
      assertThat(item).isEqualTo(records.get(next));
      next++;
    }
  }

  @Test
  void threeHundredReadersOf64Partitions_holdNoMoreThanTheirBudget() throws Exception {
    open(OPTIONS);
    List<Lagging> readers = new ArrayList<>();
    for (int p = 0; p < PARTITIONS; p++) {
      PartitionLog log = claim(p);
      List<LogRecord> records = TestRecords.commit(log, RECORDS, RECORD_BYTES, p);
      for (int reader = 0; reader < 300; reader++) {
        readers.add(new Lagging(log.read(0, true), records));
      }
    }
    long reserve = (long) THREADS * BlockCache.BLOCK_BYTES;
    for (int round = 0; round < RECORDS; round++) {
      List<Future<Void>> halves = new ArrayList<>();
      for (int half = 0; half < THREADS; half++) {
        int from = half;
        halves.add(
            threads.submit(
                () -> {
                  for (int i = from; i < readers.size(); i += THREADS) {
                    readers.get(i).step();
                    assertThat(memory.used()).isLessThanOrEqualTo(memory.max() + reserve);
                    assertThat(openFiles.used())
                        .isLessThanOrEqualTo(FILES_APPENDED_TO + 512 / 16 + THREADS);
                  }
                  return null;
                }));
      }
      for (Future<Void> half : halves) {
        half.get(60, TimeUnit.SECONDS);
      }
    }
    for (int second = 0; second < 10; second++) {
      engine.tick();
    }
    assertThat(openFiles.used())
        .as("readers between two reads hold no file")
        .isLessThanOrEqualTo(FILES_APPENDED_TO);
    assertThat(memory.used()).as("and no memory but indexes").isLessThan(memory.max() / 8 + 1);
    for (Lagging reader : readers) {
      assertThat(reader.reader.next()).isNull();
      reader.reader.close();
    }
  }

  @Test
  void recordsOfAllSizes_readBackTheSameThroughBlocks() throws IOException {
    open(OPTIONS);
    PartitionLog log = claim(0);
    List<LogRecord> records = new ArrayList<>();
    for (int bytes : new int[] {0, 1, 100, 65_000, 65_536, 130_000, 400_000, 3_000_000, 10}) {
      records.addAll(TestRecords.commit(log, 3, bytes, bytes));
    }
    records.addAll(TestRecords.commit(log, 2_000, 90, 3)); // headers over the seams of blocks
    assertThat(TestRecords.read(log)).isEqualTo(records);
    assertThat(TestRecords.read(log, 17)).isEqualTo(records.subList(17, records.size()));
  }

  @Test
  void readerAtTheHead_readsWhatIsCommittedLater() throws IOException {
    open(SegmentOptions.defaults());
    PartitionLog log = claim(0);
    List<LogRecord> records = new ArrayList<>(TestRecords.commit(log, 3, 500, 1));
    try (LogReader reader = log.read(0, true)) {
      for (int round = 0; round < 300; round++) {
        assertThat(TestRecords.drain(reader)).isEqualTo(records);
        records = TestRecords.commit(log, 1 + round % 4, 900, round);
      }
    }
  }

  @Test
  void readerInTheMiddleOfADeletedSegment_isToldSo_andItsFileIsClosed() throws IOException {
    open(SegmentOptions.defaults().withSegmentBytes(1 << 20));
    PartitionLog log = claim(0);
    for (int round = 0; round < 40; round++) {
      TestRecords.commit(log, 4, 60_000, round);
      log.checkpoint(new Checkpoint(log.epoch(), log.endOffset(), log.endReadings(), Slice.EMPTY));
    }
    try (LogReader reader = log.read(0, true)) {
      reader.next();
      assertThat(log.retain(new Retention(Long.MAX_VALUE, 0))).isFalse();
      assertThat(openFiles.used())
          .as("files of deleted segments")
          .isLessThanOrEqualTo(2); // one is appended to
      assertThatThrownBy(
              () -> {
                while (reader.next() != null) {
                  // what is in memory may still be read
                }
              })
          .isInstanceOf(ExpiredException.class)
          .hasMessageContaining("was deleted by retention");
    }
  }

  @Test
  void readerAtTheEndOfADeletedSegment_goesOnWithTheNext() throws IOException {
    open(SegmentOptions.defaults().withSegmentBytes(1 << 20));
    PartitionLog log = claim(0);
    TestRecords.commit(log, 8, 1 << 20, 1); // one round, more than a segment
    try (LogReader reader = log.read(0, true)) {
      TestRecords.drain(reader);
      List<LogRecord> behind = new ArrayList<>();
      for (int round = 0; round < 2; round++) {
        behind.addAll(TestRecords.commit(log, 1, 1_000, round)); // the first goes to a new segment
        log.checkpoint(
            new Checkpoint(log.epoch(), log.endOffset(), log.endReadings(), Slice.EMPTY));
      }
      log.retain(new Retention(Long.MAX_VALUE, 0));
      assertThat(log.startOffset()).isEqualTo(behind.get(0).offset());
      assertThat(TestRecords.drain(reader)).isEqualTo(behind);
    }
  }

  @Test
  void claimAfterAnother_readsItsOwnBytes() throws IOException {
    open(OPTIONS);
    PartitionLog log = claim(0);
    List<LogRecord> records = new ArrayList<>(TestRecords.commit(log, 5, 3_000, 1));
    TestRecords.read(log);
    log.close();
    log = claim(0);
    records.addAll(TestRecords.commit(log, 5, 3_000, 2));
    assertThat(TestRecords.read(log)).isEqualTo(records);
  }

  @Test
  void recordGivenLast_canBeGivenAgain_butNothingElse() throws IOException {
    open(OPTIONS);
    PartitionLog log = claim(0);
    List<LogRecord> records = TestRecords.commit(log, 30, 20_000, 1); // over several segments
    try (LogReader reader = log.read(0, true)) {
      assertThat(reader.repeat()).as("there is no last one").isFalse();
      for (LogRecord record : records) {
        long bytes = reader.nextBytes();
        assertThat(bytes).isEqualTo(reader.nextBytes());
        assertThat(bytes).isGreaterThanOrEqualTo(record.batch().length());
        assertThat(reader.next()).isEqualTo(record);
        assertThat(reader.repeat()).isTrue();
        assertThat(reader.repeat()).as("only once").isFalse();
        assertThat(reader.next()).isEqualTo(record);
      }
      assertThat(reader.nextBytes()).isZero();
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void indexesOfManySegments_areBoundedInBytes() throws IOException {
    open(new SegmentOptions(8_192, 64, 100_000, 1_024, 1 << 20, 1 << 26, 1_000));
    PartitionLog log = claim(0);
    for (int round = 0; round < 600; round++) {
      TestRecords.commit(log, 40, 10, round);
    }
    for (long offset = 0; offset < log.endOffset(); offset += 35) {
      log.read(offset, false).close();
    }
    assertThat(memory.used()).as("sealed and active").isBetween(1L, memory.max() / 4);
  }
}
