package dev.weir.service.core.sequence;

/**
 * The time that a partition's log has seen pass: append times without what lies between two claims,
 * where the server was not there and the wall clock may have jumped. Immutable.
 *
 * @param logEpoch the claim that stored the newest record; 0 for none
 * @param appendNanos its append time; Long.MIN_VALUE for none
 * @param skippedNanos what lies between claims so far
 */
record LogTime(long logEpoch, long appendNanos, long skippedNanos) {
  static final LogTime BEGINNING = new LogTime(0, Long.MIN_VALUE, 0);

  /** With one more record. */
  LogTime with(long epoch, long nanos) {
    boolean between = epoch != logEpoch && appendNanos != Long.MIN_VALUE && nanos > appendNanos;
    return new LogTime(
        epoch, Math.max(appendNanos, nanos), skippedNanos + (between ? nanos - appendNanos : 0));
  }

  /** An append time as the log has seen time pass. */
  long seen(long nanos) {
    return nanos - skippedNanos;
  }
}
