package dev.weir.service.view;

import dev.weir.service.log.LogRecord;

/**
 * A range of event times. Immutable.
 *
 * @param fromNanos the first one in it, Unix nanoseconds
 * @param untilNanos the first one behind it; Long.MAX_VALUE for none
 */
public record EventTimeRange(long fromNanos, long untilNanos) {
  /** Every event time. */
  public static final EventTimeRange ALL = new EventTimeRange(Long.MIN_VALUE, Long.MAX_VALUE);

  /** Returns whether a reading's event time is in it. */
  public boolean has(long timeNanos) {
    return timeNanos >= fromNanos && (timeNanos < untilNanos || untilNanos == Long.MAX_VALUE);
  }

  /** Returns whether all readings of a record are in it, by the record's bounds. */
  public boolean hasAll(LogRecord record) {
    return has(record.eventTimeMinNanos()) && has(record.eventTimeMaxNanos());
  }

  /** Returns whether no reading of a record can be in it, by the record's bounds. */
  public boolean hasNone(LogRecord record) {
    return record.eventTimeMaxNanos() < fromNanos
        || untilNanos != Long.MAX_VALUE && record.eventTimeMinNanos() >= untilNanos;
  }
}
