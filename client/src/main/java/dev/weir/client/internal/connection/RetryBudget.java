package dev.weir.client.internal.connection;

import java.util.concurrent.TimeUnit;

/**
 * Bounds how often a client may try again in vain, all its publishers, subscribers and calls
 * together: a bucket of tokens that fills with time. Thread-safe.
 *
 * <p>It holds half of what a minute allows and gains the other half in a minute, so that no minute
 * whatever sees more. A try that succeeds gives its token back: a server that is there is not
 * counted.
 */
public final class RetryBudget {
  private final int capacity;
  private final long nanosPerToken;
  private int tokens;
  private long filledAtNanos;

  /**
   * A full bucket.
   *
   * @param perMinute tries in any minute, at least 2
   * @param nowNanos a clock that never goes back, of which only differences mean something
   */
  public RetryBudget(int perMinute, long nowNanos) {
    this.capacity = (perMinute + 1) / 2;
    this.nanosPerToken = ceilDivide(TimeUnit.MINUTES.toNanos(1), perMinute - capacity);
    this.tokens = capacity;
    this.filledAtNanos = nowNanos;
  }

  private static long ceilDivide(long nanos, int by) {
    return (nanos + by - 1) / by;
  }

  /** Takes a token; false: there is none now. */
  public synchronized boolean tryTake(long nowNanos) {
    long gained = (nowNanos - filledAtNanos) / nanosPerToken;
    if (gained >= capacity - tokens) {
      tokens = capacity;
      filledAtNanos = nowNanos;
    } else {
      tokens += (int) gained;
      filledAtNanos += gained * nanosPerToken;
    }
    if (tokens == 0) {
      return false;
    }
    tokens--;
    return true;
  }

  /** The try succeeded for which a token was taken. */
  public synchronized void giveBack() {
    tokens = Math.min(capacity, tokens + 1);
  }
}
