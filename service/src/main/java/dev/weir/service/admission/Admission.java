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
 * @param requests what unary calls have sent
 */
public record Admission(Clients clients, Budget unanswered, Budget unsent, Budget requests) {
  /**
   * The admission of a server.
   *
   * @param heapBytesMax of which budgets are a part where nothing is configured
   */
  public static Admission of(Limits limits, long heapBytesMax) {
    return new Admission(
        new Clients(limits),
        budget(limits, Limit.PUBLISH_BUDGET_BYTES, heapBytesMax / 8),
        budget(limits, Limit.UNSENT_BUDGET_BYTES, heapBytesMax / 8),
        budget(limits, Limit.REQUEST_BUDGET_BYTES, heapBytesMax / 16));
  }

  private static Budget budget(Limits limits, Limit limit, long otherwise) {
    long set = limits.get(limit);
    return new Budget(set > 0 ? set : otherwise);
  }

  /** A wait as a retry delay, never shorter than others are told. */
  public static Duration delay(long waitNanos, Duration least) {
    Duration wait = Duration.ofNanos(waitNanos);
    return wait.compareTo(least) < 0 ? least : wait;
  }
}
