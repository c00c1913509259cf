package dev.weir.client;

import dev.weir.v1.Gap;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Progress;
import dev.weir.v1.SubscriptionStatus;
import java.time.Duration;

/**
 * Hears what happens to one {@link Subscriber} besides readings.
 *
 * <p>Called on the subscriber's own thread, in order with its readings, never concurrently. What it
 * throws ends the subscriber like an exception of the handler.
 */
public interface SubscriberListener {
  /** The subscription was added, at the first session and after every reconnect. */
  default void onActive(SubscriptionStatus status) {}

  /** Readings that exist or existed are not delivered; the subscription goes on behind them. */
  default void onGap(Gap gap) {}

  /** The subscription caught up or fell behind. */
  default void onPhase(PhaseChange phase) {}

  /** Where the subscription stands; only with a progress interval. */
  default void onProgress(Progress progress) {}

  /**
   * The session broke; another try follows.
   *
   * @param cause why
   * @param retryIn how long until the next try
   */
  default void onDisconnected(WeirException cause, Duration retryIn) {}
}
