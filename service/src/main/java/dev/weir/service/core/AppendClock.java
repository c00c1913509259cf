package dev.weir.service.core;

import java.util.function.LongSupplier;

/**
 * The time at which a partition's records are appended. It begins with the server's clock, or with
 * the newest record where a former clock was ahead of it; then it goes at half the speed until the
 * server's clock has caught up, so that time neither goes back nor stands still. Thread-safe where
 * the clock is.
 */
public final class AppendClock implements LongSupplier {
  private final LongSupplier clock;
  private final long startNanos;
  private final long aheadNanos; // at the start

  /**
   * Begins now.
   *
   * @param clock the server's, Unix nanoseconds
   * @param newestNanos append time of the newest record; Long.MIN_VALUE for none
   */
  public AppendClock(LongSupplier clock, long newestNanos) {
    this.clock = clock;
    this.startNanos = clock.getAsLong();
    this.aheadNanos = newestNanos > startNanos ? newestNanos - startNanos : 0;
  }

  /** Returns how far the newest record was ahead of the server's clock when this began. */
  public long aheadNanos() {
    return aheadNanos;
  }

  @Override
  public long getAsLong() {
    long now = clock.getAsLong();
    return now + Math.max(0, aheadNanos - Math.max(0, now - startNanos) / 2);
  }
}
