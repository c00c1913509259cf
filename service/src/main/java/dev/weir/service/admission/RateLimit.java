package dev.weir.service.admission;

import java.util.concurrent.atomic.AtomicLong;

/**
 * So many units a second. What was not used is kept for one second; what is taken at once beyond
 * that is owed, and waited for. (The generic cell rate algorithm, ITU-T I.371.) Thread-safe.
 */
final class RateLimit {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double nanosPerUnit; // 0: there is no such rate
  private final AtomicLong paidUntilNanos = new AtomicLong(Long.MIN_VALUE);

  /**
   * @param unitsPerSecond 0 for any number
   */
  RateLimit(long unitsPerSecond) {
    this.nanosPerUnit = unitsPerSecond == 0 ? 0 : NANOS_PER_SECOND / unitsPerSecond;
  }

  /** Returns whether there is such a rate. */
  boolean isBounded() {
    return nanosPerUnit > 0;
  }

  /** Returns the time to wait before anything may be taken; 0: none. */
  long waitNanos(long nowNanos) {
    long until = paidUntilNanos.get();
    return until == Long.MIN_VALUE ? 0 : Math.max(0, until - nowNanos);
  }

  /** Returns whether nothing is owed, and all that is kept for a second is there. */
  boolean isFull(long nowNanos) {
    return paidUntilNanos.get() <= nowNanos - (long) NANOS_PER_SECOND;
  }

  /** Takes units, also where one would have to wait. */
  void take(long units, long nowNanos) {
    if (nanosPerUnit > 0) {
      long kept = nowNanos - (long) NANOS_PER_SECOND;
      long cost = (long) (nanosPerUnit * units);
      paidUntilNanos.updateAndGet(until -> Math.max(until, kept) + cost);
    }
  }
}
