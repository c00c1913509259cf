package dev.weir.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Makes, stores and reads records in tests. Without state. */
public final class TestRecords {
  /** Append time of offset 0, in nanoseconds; each offset is 10 later. */
  public static final long FIRST_NANOS = 1_000_000;

  private TestRecords() {}

  /** Records that follow what is committed, as the seed says; batches of up to some bytes. */
  public static List<LogRecord> next(PartitionLog log, int count, int batchBytesMax, long seed) {
    List<LogRecord> records = new ArrayList<>(count);
    long readings = log.endReadings();
    for (int i = 0; i < count; i++) {
      LogRecord record =
          record(
              log.epoch(),
              log.endOffset() + i,
              readings,
              batchBytesMax,
              new Random((seed + i) * 0x9E37_79B9_7F4A_7C15L));
      records.add(record);
      readings = record.readingsAfter();
    }
    return records;
  }

  private static LogRecord record(
      long epoch, long offset, long readingsBefore, int batchBytesMax, Random random) {
    RecordType type = RecordType.ofCode(1 + random.nextInt(RecordType.values().length));
    return new LogRecord(
        offset,
        epoch,
        FIRST_NANOS + offset * 10,
        type,
        random.nextBoolean() ? "" : "prodücer-" + random.nextInt(100),
        random.nextInt(5),
        random.nextLong(),
        readingsBefore,
        random.nextInt(1_000),
        random.nextLong(),
        random.nextLong(),
        bytes(random, random.nextInt(3) == 0 ? 40 : 0),
        bytes(random, batchBytesMax));
  }

  private static Slice bytes(Random random, int max) {
    byte[] bytes = new byte[random.nextInt(max + 1) + 10];
    random.nextBytes(bytes);
    return new Slice(bytes, 5, bytes.length - 10);
  }

  /** Appends and waits for the end. */
  public static AppendOutcome append(PartitionLog log, List<LogRecord> records) {
    BlockingQueue<AppendOutcome> ends = new ArrayBlockingQueue<>(2);
    log.append(records, ends::add);
    try {
      AppendOutcome end = ends.poll(10, TimeUnit.SECONDS);
      assertThat(end).as("the append ends").isNotNull();
      return end;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Appends records that must be committed. */
  public static List<LogRecord> commit(PartitionLog log, int count, int batchBytesMax, long seed) {
    List<LogRecord> records = next(log, count, batchBytesMax, seed);
    assertThat(append(log, records)).isEqualTo(new AppendOutcome.Committed());
    return records;
  }

  /** Everything from an offset to the end. */
  public static List<LogItem> read(PartitionLog log, long offset) throws IOException {
    try (LogReader reader = log.read(offset, true)) {
      return drain(reader);
    }
  }

  /** Everything from the log's beginning to the end. */
  public static List<LogItem> read(PartitionLog log) throws IOException {
    return read(log, log.startOffset());
  }

  /** Everything that a reader has now. */
  public static List<LogItem> drain(LogReader reader) throws IOException {
    List<LogItem> items = new ArrayList<>();
    for (LogItem item = reader.next(); item != null; item = reader.next()) {
      items.add(item);
    }
    return items;
  }

  /** The same record as a batch without a definition. */
  public static LogRecord plain(LogRecord record) {
    return new LogRecord(
        record.offset(),
        record.epoch(),
        record.appendTimeNanos(),
        RecordType.BATCH,
        record.producer(),
        record.producerEpoch(),
        record.sequence(),
        record.readingsBefore(),
        record.readings(),
        record.eventTimeMinNanos(),
        record.eventTimeMaxNanos(),
        Slice.EMPTY,
        record.batch());
  }

  /** The same record with another batch. */
  public static LogRecord withBatch(LogRecord record, Slice batch) {
    return new LogRecord(
        record.offset(),
        record.epoch(),
        record.appendTimeNanos(),
        record.type(),
        record.producer(),
        record.producerEpoch(),
        record.sequence(),
        record.readingsBefore(),
        record.readings(),
        record.eventTimeMinNanos(),
        record.eventTimeMaxNanos(),
        record.definitions(),
        batch);
  }
}
