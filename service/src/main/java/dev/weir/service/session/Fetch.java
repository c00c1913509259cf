package dev.weir.service.session;

import dev.weir.service.catalog.SensorInfo;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.Topic;
import dev.weir.service.tail.TailRecord;
import dev.weir.service.wire.BatchEntry;
import dev.weir.service.wire.BatchFilter;
import dev.weir.service.wire.RowEncoder;
import dev.weir.service.wire.Selection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Reads, filters and converts for one feed and one partition, from the tail where it can and from
 * the log where it must. Keeps its place in the log between calls. Owned by the fetch under way:
 * one at a time, on the catch-up pool, where it may block on disk.
 */
@OwnedBy("catch-up fetch")
final class Fetch {
  /** Bytes read after which what was found, or just the position, is told. */
  private static final long SCAN_BYTES_MAX = 4 << 20;

  /**
   * What a fetch found.
   *
   * @param to the position behind it
   * @param readings how many
   * @param parts encoded entries
   * @param batches the batches in them; empty in row form
   * @param damaged what is lost right behind the start, if so; then there are no readings
   */
  record Chunk(
      Position to, long readings, List<Slice> parts, List<Slice> batches, DamagedRange damaged) {}

  private final Topic topic;
  private final Partition partition;
  private final Selection selection;
  private final Shape shape;
  private final int bytesMax;
  private LogReader reader;
  private long readerOffset;
  private LogItem ahead;

  // of the call under way
  private Position at;
  private Cursor cursor;
  private long readings;
  private long readingsMax;
  private long bytes;
  private List<Slice> parts;
  private List<Slice> batches;

  Fetch(Topic topic, Partition partition, Selection selection, Shape shape, int bytesMax) {
    this.topic = topic;
    this.partition = partition;
    this.selection = selection;
    this.shape = shape;
    this.bytesMax = bytesMax;
  }

  /**
   * Fetches the next readings.
   *
   * @param from the cursor to go on behind
   * @param endOffset the first offset not to deliver, committed
   * @param most most readings, at least 1
   */
  Chunk next(Cursor from, long endOffset, long most) throws IOException {
    cursor = from;
    at = from.position(partition.number());
    readings = 0;
    readingsMax = most;
    bytes = 0;
    parts = new ArrayList<>();
    batches = new ArrayList<>();
    long scanned = 0;
    while (at.offset() < endOffset && readings < readingsMax && bytes < bytesMax) {
      LogItem item = item(at.offset());
      if (item instanceof DamagedRange damaged) {
        if (!at.equals(from.position(partition.number()))) {
          keep(damaged, at.offset());
          break; // the gap begins where the damage does, not where the search began
        }
        long seen = Math.max(at.readingsSeen(), readingsBehind(damaged));
        at = new Position(damaged.epoch(), damaged.nextOffset(), seen, 0);
        return new Chunk(at, 0, List.of(), List.of(), damaged);
      }
      LogRecord record = (LogRecord) item;
      if (!take(record)) {
        break;
      }
      scanned += record.batch().length();
      if (scanned >= SCAN_BYTES_MAX) {
        break; // others wait for this thread, and what was found waits too
      }
    }
    return new Chunk(at, readings, parts, batches, null);
  }

  /** Readings up to the end of a damaged range, from the running count of what follows it. */
  private long readingsBehind(DamagedRange damaged) throws IOException {
    Position head = partition.tail().head();
    if (damaged.nextOffset() >= head.offset()) {
      return head.readingsBefore();
    }
    LogItem following = item(damaged.nextOffset());
    keep(following, damaged.nextOffset());
    return following instanceof LogRecord record
        ? record.readingsBefore()
        : at.readingsSeen() + Math.max(0, damaged.readings() - at.rows());
  }

  private LogItem item(long offset) throws IOException {
    TailRecord recent = partition.tail().get(offset);
    if (recent != null) {
      close();
      return recent.record();
    }
    if (ahead != null && readerOffset == offset) {
      LogItem kept = ahead;
      ahead = null;
      readerOffset = kept.nextOffset();
      return kept;
    }
    if (reader == null || readerOffset != offset) {
      close();
      reader = partition.log().read(offset, true);
      readerOffset = offset;
    }
    LogItem item = reader.next();
    if (item == null) {
      throw new IOException("offset " + offset + " is committed but cannot be read");
    }
    readerOffset = item.nextOffset();
    return item;
  }

  /** Keeps what was read too early. */
  private void keep(LogItem item, long offset) {
    ahead = item;
    readerOffset = offset;
  }

  /** Takes what matches of a record. False if the record is not done with that. */
  private boolean take(LogRecord record) {
    Position behind = new Position(record.epoch(), record.nextOffset(), record.readingsAfter(), 0);
    int most = (int) Math.min(Integer.MAX_VALUE, readingsMax - readings);
    if (record.readings() > at.rows()) {
      int rowsDone = shape == Shape.COLUMNS ? takeColumns(record, most) : takeRows(record, most);
      if (rowsDone < record.readings()) {
        if (rowsDone > at.rows()) {
          at = new Position(record.epoch(), record.offset(), record.readingsBefore(), rowsDone);
        }
        keep(record, record.offset());
        return false;
      }
    }
    at = behind;
    return true;
  }

  private int takeColumns(LogRecord record, int most) {
    BatchFilter.Filtered filtered = BatchFilter.columns(record.batch(), at.rows(), most, selection);
    if (filtered.readings() > 0) {
      Slice prefix = BatchEntry.prefix(filtered.batch().length());
      parts.add(prefix);
      parts.add(filtered.batch());
      batches.add(filtered.batch());
      bytes += prefix.length() + filtered.batch().length();
      readings += filtered.readings();
    }
    return filtered.rowsDone();
  }

  private int takeRows(LogRecord record, int most) {
    IntFunction<byte[]> nameOf = this::nameOf;
    RowEncoder encoder =
        shape == Shape.ROWS
            ? RowEncoder.delivery(selection, nameOf)
            : RowEncoder.read(selection, nameOf);
    RowEncoder.Rows rows =
        encoder.rows(
            record.batch(),
            at.rows(),
            most,
            (int) (bytesMax - bytes),
            done -> cursor.textWith(partition.number(), behindRows(record, done)));
    if (bytes > 0 && bytes + rows.entries().length() > bytesMax) {
      return at.rows(); // the encoder takes one reading always; it begins the next delivery
    }
    if (rows.readings() > 0) {
      parts.add(rows.entries());
      bytes += rows.entries().length();
      readings += rows.readings();
    }
    return rows.rowsDone();
  }

  private static Position behindRows(LogRecord record, int rows) {
    return rows == record.readings()
        ? new Position(record.epoch(), record.nextOffset(), record.readingsAfter(), 0)
        : new Position(record.epoch(), record.offset(), record.readingsBefore(), rows);
  }

  private byte[] nameOf(int sensorId) {
    SensorInfo sensor = topic.sensors().byId(sensorId);
    // '#' cannot be in a name: the definition was lost with a damaged record.
    String name = sensor == null ? "#" + sensorId : sensor.name();
    return name.getBytes(StandardCharsets.UTF_8);
  }

  /** Gives up its place in the log. */
  void close() {
    ahead = null;
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }
}
