package dev.weir.client.internal.unary;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The part of the service config that holds for one method. Immutable.
 *
 * @param timeout from the first try to the last answer
 * @param waitForReady tries that reach no server do not count, and continue until the timeout
 * @param attemptsMax tries that reach one; 1: it is not repeated
 * @param firstBackoff the longest wait before the second try
 * @param backoffMax the longest wait before any
 * @param multiplier of the longest wait, from try to try
 * @param retryable names of the status codes after which it is repeated
 */
record MethodConfig(
    Duration timeout,
    boolean waitForReady,
    int attemptsMax,
    Duration firstBackoff,
    Duration backoffMax,
    double multiplier,
    List<String> retryable) {
  /** Waits while no server is reached, where the config has no retries. */
  private static final MethodConfig RETRIES =
      new MethodConfig(
          Duration.ZERO,
          true,
          4,
          Duration.ofMillis(100),
          Duration.ofSeconds(2),
          2,
          List.of("UNAVAILABLE"));

  /** A method that is not repeated once it has reached a server. */
  static MethodConfig unrepeated(Duration timeout, boolean waitForReady) {
    return new MethodConfig(
        timeout,
        waitForReady,
        1,
        RETRIES.firstBackoff,
        RETRIES.backoffMax,
        RETRIES.multiplier,
        List.of());
  }

  /** The same for a request that may be repeated although others of its method may not. */
  MethodConfig repeatable() {
    return new MethodConfig(
        timeout,
        waitForReady,
        RETRIES.attemptsMax,
        firstBackoff,
        backoffMax,
        multiplier,
        RETRIES.retryable);
  }

  /** The same with more time. */
  MethodConfig within(Duration longer) {
    return new MethodConfig(
        longer, waitForReady, attemptsMax, firstBackoff, backoffMax, multiplier, retryable);
  }

  /**
   * Returns how long to wait after the n-th failure, from 1: full jitter below a ceiling that
   * grows.
   */
  long backoffNanos(int failures, RandomGenerator random) {
    double unbounded = firstBackoff.toNanos() * Math.pow(multiplier, failures - 1);
    double ceiling = Math.min((double) backoffMax.toNanos(), unbounded);
    return random.nextLong(Math.max(1, (long) ceiling));
  }
}
