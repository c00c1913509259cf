package dev.weir.service.sim;

import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.RecordType;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What one partition has committed since its beginning, for ever. Owned by one world. */
final class CommittedHistory {
  private final InvariantLedger book;
  private final int partition;
  private final List<LogRecord> records = new ArrayList<>();
  private final List<Integer> firstCells = new ArrayList<>(); // of each record, and of the next one
  private final List<StoredReading> cells = new ArrayList<>();
  private final Map<String, Long> lastSequences = new HashMap<>();
  private long startOffset;

  CommittedHistory(InvariantLedger book, int partition) {
    this.book = book;
    this.partition = partition;
    firstCells.add(0);
  }

  /** All readings, in order. */
  List<StoredReading> cells() {
    return cells;
  }

  /** Retention was seen to have taken what is before. */
  void startsAt(long offset) {
    if (offset > startOffset) {
      book.expired(partition, offset);
      startOffset = offset;
    }
  }

  long startOffset() {
    return startOffset;
  }

  /** The cell that a position is before. */
  int index(Position position) {
    if (position.offset() > records.size()) {
      book.fail("position %s of partition %s is behind everything committed", position, partition);
      return cells.size();
    }
    return firstCells.get((int) position.offset()) + position.rows();
  }

  /** A position that was told says of its place what is true. */
  void check(Position position) {
    int index = index(position);
    if (position.readingsSeen() != index) {
      book.fail("%s of partition %s: %s readings are before", position, partition, index);
    }
    long end = records.size();
    if (position.rows() > 0 && position.offset() == end) {
      book.fail("%s of partition %s is inside of nothing", position, partition);
    }
    long least = position.offset() == 0 ? 0 : records.get((int) position.offset() - 1).epoch();
    long most = position.offset() == end ? Long.MAX_VALUE : epoch(position.offset());
    if (position.epoch() < least || position.epoch() > most) {
      book.fail("%s of partition %s: epochs there are %s to %s", position, partition, least, most);
    }
  }

  private long epoch(long offset) {
    return records.get((int) offset).epoch();
  }

  /** A record was read from the log: what was committed stays. */
  void found(LogRecord record) {
    if (record.offset() < records.size()) {
      LogRecord known = records.get((int) record.offset());
      if (!known.equals(record)) {
        book.fail("partition %s has changed: %s was %s", partition, record, known);
      }
    } else {
      committed(record);
    }
  }

  /** Recovery ends at an offset: nothing committed is behind it. */
  void recoveredTo(long endOffset) {
    if (endOffset < records.size()) {
      LogRecord lost = records.get((int) endOffset);
      book.fail("partition %s ends at %s and has lost %s", partition, endOffset, lost);
    }
  }

  /** A record is committed behind all others. */
  void committed(LogRecord record) {
    LogRecord last = records.isEmpty() ? null : records.get(records.size() - 1);
    if (record.offset() != records.size() || record.readingsBefore() != cells.size()) {
      book.fail("%s of partition %s does not follow %s", record, partition, last);
    } else if (last != null
        && (record.epoch() < last.epoch() || record.appendTimeNanos() < last.appendTimeNanos())) {
      book.fail("%s of partition %s goes back behind %s", record, partition, last);
    }
    records.add(record);
    int first = cells.size();
    try {
      parse(record);
    } catch (IOException damaged) {
      book.fail("%s of partition %s cannot be parsed: %s", record, partition, damaged);
    }
    firstCells.add(cells.size());
    if (cells.size() - first != record.readings()) {
      book.fail("%s has %s readings", record, cells.size() - first);
    }
    if (record.type() == RecordType.BATCH) {
      stored(record, cells.subList(first, cells.size()));
    }
    if (!record.producer().isEmpty()) {
      book.published(partition, record);
      sequence(record);
    }
  }

  private void sequence(LogRecord record) {
    long last = lastSequences.getOrDefault(record.producer(), 0L);
    long expected = record.type() == RecordType.BATCH ? last + 1 : last;
    if (record.sequence() != expected) {
      book.fail("%s of partition %s: expected sequence %s", record, partition, expected);
    }
    lastSequences.put(record.producer(), record.sequence());
  }

  /** The last sequence of a producer that is committed; 0 for none. */
  long lastSequence(String producer) {
    return lastSequences.getOrDefault(producer, 0L);
  }

  private void stored(LogRecord record, List<StoredReading> readings) {
    long[] values = readings.stream().mapToLong(StoredReading::value).sorted().toArray();
    SentBatch sent = book.sent(SentBatch.idOf(values[0]));
    long[] expected = sent == null ? new long[0] : sent.values.clone();
    Arrays.sort(expected);
    if (!Arrays.equals(values, expected)) {
      book.fail("%s of partition %s was never sent: %s", record, partition, readings);
    } else if (sent.partition != partition
        || !sent.producer.equals(record.producer())
        || sent.sequence != record.sequence()) {
      book.fail("%s of partition %s was sent as %s", record, partition, sent);
    } else if (sent.refused) {
      book.fail("%s of partition %s was refused: %s", record, partition, sent);
    } else if (sent.offset >= 0) {
      book.fail("%s of partition %s is stored twice: %s", record, partition, sent);
    } else {
      sent.offset = record.offset();
    }
  }

  private void parse(LogRecord record) throws IOException {
    if (record.definitions().length() > 0) {
      byte[] bytes = record.definitions().toBytes();
      for (Sensor sensor : Sensors.parseFrom(bytes).getSensorsList()) {
        book.defined(sensor.getId(), sensor.getName());
      }
    }
    var batch = record.batch();
    int row = 0;
    for (Columns columns :
        Batch.parser().parseFrom(batch.array(), batch.offset(), batch.length()).getColumnsList()) {
      for (int i = 0; i < columns.getCount(); i++) {
        int sensor = columns.getSensorIds(columns.getSensorIdsCount() == 1 ? 0 : i);
        long value = columns.getIntegers(i);
        cells.add(new StoredReading(record.offset(), row++, sensor, timeNanos(columns, i), value));
      }
    }
  }

  private static long timeNanos(Columns columns, int index) {
    long unit = columns.getTimeUnit() == 0 ? 1 : columns.getTimeUnit();
    long offset = columns.getTimeOffsetsCount() == 0 ? 0 : columns.getTimeOffsets(index);
    return columns.getTimeBase() + index * columns.getTimeStep() + offset * unit;
  }
}
