package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.LazyValue;
import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.LogRecord;
import dev.weir.service.tail.TailRecord;
import dev.weir.service.view.ViewEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive records of one partition on their way into one delivery, as shared bytes. Owned by
 * the call that made it, on the event loop.
 */
@OwnedBy("its caller")
final class DeliveryBuilder {
  private final FeedSpec order;
  private final int bytesMax;
  private final long readingsMax;
  private final long oldestAppendNanos;
  private final List<Slice> parts = new ArrayList<>();
  private final List<LazyValue<int[]>> sensors = new ArrayList<>();
  private Position to;
  private long readings;
  private long bytes;
  private long suppressed;
  private long appendNanos = Long.MIN_VALUE;
  private long eventMaxNanos = Long.MIN_VALUE;
  private boolean stopped;

  DeliveryBuilder(
      FeedSpec order, int bytesMax, Position from, long readingsMax, long oldestAppendNanos) {
    this.order = order;
    this.bytesMax = bytesMax;
    this.to = from;
    this.readingsMax = readingsMax;
    this.oldestAppendNanos = oldestAppendNanos;
  }

  /** Takes a record whole; false if it does not go into this delivery. */
  boolean take(TailRecord found) {
    LogRecord record = found.record();
    if (!mayTake(record.appendTimeNanos(), record.readings(), found.entryBytes())) {
      return false;
    }
    took(
        new Position(record.epoch(), record.nextOffset(), record.readingsAfter(), 0),
        record.appendTimeNanos(),
        record.readings() == 0 ? Long.MIN_VALUE : record.eventTimeMaxNanos());
    add(found.prefix(), record.batch(), found.sensors(), record.readings());
    return true;
  }

  /** Takes what a view made of a record; false if it does not go into this delivery. */
  boolean take(ViewEntry entry) {
    if (!mayTake(entry.appendTimeNanos(), entry.readings(), entry.entryBytes())) {
      return false;
    }
    took(entry.after(), entry.appendTimeNanos(), entry.eventMaxNanos());
    add(entry.prefix(), entry.batch(), entry.sensors(), entry.readings());
    suppressed += entry.suppressed();
    return true;
  }

  private boolean mayTake(long appendedNanos, long more, int entryBytes) {
    if (appendedNanos >= order.untilNanos()) {
      stopped = true;
      return false;
    }
    boolean tooLarge = entryBytes > order.strictBytesMax();
    if (appendedNanos < oldestAppendNanos || more > readingsMax - readings || tooLarge) {
      return false; // it is fetched: cut, or passed over
    }
    return bytes == 0 || bytes + entryBytes <= bytesMax;
  }

  private void took(Position after, long appendedNanos, long greatestEventNanos) {
    to = after;
    appendNanos = Math.max(appendNanos, appendedNanos);
    eventMaxNanos = Math.max(eventMaxNanos, greatestEventNanos);
  }

  private void add(Slice prefix, Slice batch, LazyValue<int[]> of, int more) {
    if (more > 0) {
      parts.add(prefix);
      parts.add(batch);
      sensors.add(of);
      readings += more;
      bytes += prefix.length() + batch.length();
    }
  }

  /** The position behind what was taken. */
  Position to() {
    return to;
  }

  long readings() {
    return readings;
  }

  List<Slice> parts() {
    return parts;
  }

  List<LazyValue<int[]>> sensors() {
    return sensors;
  }

  long suppressed() {
    return suppressed;
  }

  long appendNanos() {
    return appendNanos;
  }

  long eventMaxNanos() {
    return eventMaxNanos;
  }

  /** Returns whether what follows was stored at or after the end that was asked for. */
  boolean stopped() {
    return stopped;
  }
}
