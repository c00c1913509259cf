package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.LazyValue;
import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.LogRecord;
import dev.weir.service.wire.columns.BatchFilter;
import dev.weir.service.wire.columns.RowEncoder;
import dev.weir.service.wire.columns.RowSet;
import dev.weir.service.wire.columns.SensorIdSet;
import dev.weir.service.wire.protobuf.DeliveryBatchPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Encodes the picked rows of records as the entries of one chunk, and cuts a record where the chunk
 * is full. Owned by the fetch under way.
 */
@OwnedBy("catch-up fetch")
final class ChunkEncoder {
  /** Tag and length of an entry, at most. */
  private static final int ENTRY_HEAD_BYTES = 6;

  private final PartitionFetch.Setting setting;

  // of the chunk under way
  private PartitionFetch.FetchRequest ask;
  private int bytesMax; // after which it takes no more
  private long bytes;
  private long readings;
  private boolean readingTooLarge;
  private List<Slice> parts;
  private List<LazyValue<int[]>> sensors;

  ChunkEncoder(PartitionFetch.Setting setting) {
    this.setting = setting;
  }

  /**
   * Begins a chunk.
   *
   * @param atMost bytes after which it takes no more
   */
  void begin(PartitionFetch.FetchRequest asked, int atMost) {
    ask = asked;
    bytesMax = atMost;
    bytes = 0;
    readings = 0;
    readingTooLarge = false;
    parts = new ArrayList<>();
    sensors = new ArrayList<>();
  }

  /** Lets go of the entries, which the chunk has. */
  void forget() {
    parts = null;
    sensors = null;
  }

  /** Returns whether it takes no more. */
  boolean isFull() {
    return readings >= ask.most() || bytes >= bytesMax;
  }

  /** Bytes of its entries. */
  long bytes() {
    return bytes;
  }

  /** Readings of its entries. */
  long readings() {
    return readings;
  }

  /** Its encoded entries. */
  List<Slice> parts() {
    return parts;
  }

  /** The ids in each of its batches; empty in row form. */
  List<LazyValue<int[]>> sensors() {
    return sensors;
  }

  /**
   * Returns whether the reading that was added last is too large for any delivery, and so not in
   * it.
   */
  boolean isReadingTooLarge() {
    return readingTooLarge;
  }

  /**
   * Adds as many of a record's rows as there is room for.
   *
   * @param from the first row; those before are done
   * @return the row behind the last one that is done
   */
  int add(LogRecord record, RowSet rows, int from) {
    if (rows.countFrom(from) == 0) {
      return record.readings();
    }
    return setting.shape() == FeedFormat.COLUMNS
        ? addColumns(record, rows, from)
        : addRows(record, rows, from);
  }

  private int addColumns(LogRecord record, RowSet rows, int from) {
    int bound = Integer.MAX_VALUE;
    boolean tooLarge = record.batch().length() > setting.strictBytesMax() - ENTRY_HEAD_BYTES;
    if (setting.cutsRecords() || tooLarge) {
      long room = (bytes == 0 ? setting.strictBytesMax() : bytesMax) - bytes;
      bound = (int) Math.max(0, room - ENTRY_HEAD_BYTES);
    }
    BatchFilter.Filtered filtered =
        BatchFilter.columns(record.batch(), rows, from, readingsLeft(), bound);
    Slice prefix = DeliveryBatchPrefix.prefix(filtered.batch().length());
    int entryBytes = prefix.length() + filtered.batch().length();
    int rowsDone = rowsThatFit(entryBytes, from, filtered.rowsDone());
    if (rowsDone == filtered.rowsDone() && !readingTooLarge) {
      parts.add(prefix);
      parts.add(filtered.batch());
      sensors.add(SensorIdSet.distinctOnce(filtered.batch()));
      bytes += entryBytes;
      readings += filtered.readings();
    }
    return rowsDone;
  }

  private int addRows(LogRecord record, RowSet rows, int from) {
    IntFunction<byte[]> nameOf = PartitionFetch.names(setting.topic());
    RowEncoder encoder =
        setting.shape() == FeedFormat.ROWS ? RowEncoder.delivery(nameOf) : RowEncoder.read(nameOf);
    int number = setting.partition().number();
    RowEncoder.Rows encoded =
        encoder.rows(
            record.batch(),
            rows,
            from,
            readingsLeft(),
            (int) (bytesMax - bytes),
            done -> ask.from().textWith(number, behindRows(record, done)));
    int rowsDone = rowsThatFit(encoded.entries().length(), from, encoded.rowsDone());
    if (rowsDone == encoded.rowsDone() && !readingTooLarge) {
      parts.add(encoded.entries());
      bytes += encoded.entries().length();
      readings += encoded.readings();
    }
    return rowsDone;
  }

  private int readingsLeft() {
    return (int) Math.min(Integer.MAX_VALUE, ask.most() - readings);
  }

  /**
   * The encoders take one reading always. One that is too large begins the next delivery, or, where
   * it is too large for any, is lost.
   */
  private int rowsThatFit(int entryBytes, int from, int rowsDone) {
    boolean whole = setting.shape() == FeedFormat.COLUMNS && !setting.cutsRecords();
    if (bytes + entryBytes <= (whole ? setting.strictBytesMax() : bytesMax)) {
      return rowsDone;
    }
    if (bytes > 0) {
      return from;
    }
    readingTooLarge = entryBytes > Math.max(setting.strictBytesMax(), bytesMax);
    return rowsDone;
  }

  private static Position behindRows(LogRecord record, int rows) {
    return rows == record.readings()
        ? new Position(record.epoch(), record.nextOffset(), record.readingsAfter(), 0)
        : new Position(record.epoch(), record.offset(), record.readingsBefore(), rows);
  }
}
