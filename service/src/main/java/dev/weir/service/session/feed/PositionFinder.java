package dev.weir.service.session.feed;

import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.partition.Partition;
import dev.weir.service.tail.TailRecord;
import dev.weir.service.topic.ServedTopic;
import java.io.IOException;

/** Finds positions in a partition. Stateless; blocks on disk where memory does not answer. */
final class PositionFinder {
  private final ServedTopic topic;
  private final Partition partition;

  PositionFinder(ServedTopic topic, int partition) {
    this.topic = topic;
    this.partition = topic.partitions().get(partition);
  }

  /** The oldest position there is. */
  Position earliest() {
    return topic.range(partition.number()).earliest();
  }

  /** The first record stored at or after a time, or the head. */
  Position atTime(long appendNanos) throws IOException {
    return at(partition.log().offsetAt(appendNanos));
  }

  /**
   * A record's position, or the head; the earliest one where retention has passed it, the one
   * behind the damage where it is damaged.
   */
  Position at(long offset) throws IOException {
    Position head = partition.tail().head();
    if (offset >= head.offset()) {
      return head;
    }
    try {
      LogItem item = item(offset);
      if (item instanceof LogRecord record) {
        return new Position(record.epoch(), record.offset(), record.readingsBefore(), 0);
      }
      return at(((DamagedRange) item).nextOffset()); // a gap up to here covers the damage too
    } catch (ExpiredException passed) {
      return earliest();
    }
  }

  /**
   * The position behind the last record before an offset that can still be read.
   *
   * @param least where there is none behind it, this one
   */
  Position behindLastBefore(long offset, Position least) throws IOException {
    Position found = least;
    boolean all = false;
    for (long back = 1; found.equals(least) && !all; back *= 2) { // damage may be long
      long first = Math.max(least.offset(), partition.log().startOffset());
      long from = Math.max(first, offset - back);
      all = from == first;
      found = from < offset ? last(from, offset, least) : least;
    }
    return found;
  }

  private Position last(long from, long end, Position otherwise) throws IOException {
    Position last = otherwise;
    try (LogReader reader = partition.log().read(from, false)) {
      long next = from;
      for (LogItem item; next < end && (item = reader.next()) != null; next = item.nextOffset()) {
        if (item instanceof LogRecord record) {
          last = new Position(record.epoch(), record.nextOffset(), record.readingsAfter(), 0);
        }
      }
    } catch (ExpiredException passed) {
      return otherwise;
    }
    return last;
  }

  /**
   * Where so many readings of the partition are done, in the middle of a record if need be; the
   * head where there are no more.
   *
   * @param readings between those before the earliest position and those before the head
   */
  Position atReadings(long readings) throws IOException {
    Position head = partition.tail().head();
    long low = partition.log().startOffset();
    long high = head.offset();
    while (low + 1 < high) { // the record at low begins at or before it, the one at high behind
      long middle = low + (high - low) / 2;
      if (at(middle).readingsBefore() <= readings) {
        low = middle;
      } else {
        high = middle;
      }
    }
    Position begin = at(low);
    long rows = readings - begin.readingsBefore();
    if (readings >= head.readingsBefore()) {
      return head;
    }
    if (rows <= 0 || rows > Integer.MAX_VALUE) {
      return begin;
    }
    try {
      return item(begin.offset()) instanceof LogRecord record && rows < record.readings()
          ? begin.withRows((int) rows)
          : at(begin.offset() + 1);
    } catch (ExpiredException passed) {
      return earliest();
    }
  }

  private LogItem item(long offset) throws IOException {
    TailRecord recent = partition.tail().get(offset);
    if (recent != null) {
      return recent.record();
    }
    try (LogReader reader = partition.log().read(offset, false)) {
      LogItem item = reader.next();
      if (item == null) {
        throw new IOException("offset " + offset + " is committed but cannot be read");
      }
      return item;
    }
  }
}
