package dev.weir.service.admission;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import java.time.Duration;

/**
 * What decides who is let in, and with how much. Thread-safe.
 *
 * @param clients quotas of each client
 * @param unanswered what publishers have sent
 * @param unsent what connections have not taken yet
 */
public record Admission(Clients clients, Budget unanswered, Budget unsent) {
  /**
   * The admission of a server.
   *
   * @param heapBytesMax of which budgets are a part where nothing is configured
   */
  public static Admission of(Limits limits, long heapBytesMax) {
    return new Admission(
        new Clients(limits),
        new Budget(bytes(limits, Limit.PUBLISH_BUDGET_BYTES, heapBytesMax)),
        new Budget(bytes(limits, Limit.UNSENT_BUDGET_BYTES, heapBytesMax)));
  }

  private static long bytes(Limits limits, Limit limit, long heapBytesMax) {
    long set = limits.get(limit);
    return set > 0 ? set : heapBytesMax / 8;
  }

  /** A wait as a retry delay, never shorter than others are told. */
  public static Duration delay(long waitNanos, Duration least) {
    Duration wait = Duration.ofNanos(waitNanos);
    return wait.compareTo(least) < 0 ? least : wait;
  }
}
