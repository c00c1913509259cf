package dev.weir.service.app;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator when the wall clock has moved away from the clock that the server goes by
 * since its start, once for each move. Owned by the ticker.
 */
final class ClockJumpWatch implements Runnable {
  private static final Logger logger = LoggerFactory.getLogger(ClockJumpWatch.class);
  private static final long TOLD_NANOS = Duration.ofMinutes(1).toNanos();

  private final LongSupplier wallAheadNanos;
  private long toldNanos;

  /**
   * Watches.
   *
   * @param wallAheadNanos how far the wall clock is ahead
   */
  ClockJumpWatch(LongSupplier wallAheadNanos) {
    this.wallAheadNanos = wallAheadNanos;
  }

  @Override
  public void run() {
    long ahead = wallAheadNanos.getAsLong();
    if (Math.abs(ahead - toldNanos) >= TOLD_NANOS) {
      toldNanos = ahead;
      logger.warn(
          "The wall clock is {} {} the clock that this server goes by since its start: append times"
              + " and bounds on event times stay with the latter. Restart to take the wall"
              + " clock's.",
          Duration.ofNanos(Math.abs(ahead)),
          ahead < 0 ? "behind" : "ahead of");
    }
  }

  /** Returns the difference that the operator was told last. */
  long toldNanos() {
    return toldNanos;
  }
}
