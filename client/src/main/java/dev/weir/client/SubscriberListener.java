package dev.weir.client;

import dev.weir.v1.Gap;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Progress;
import dev.weir.v1.SubscriptionStatus;
import java.time.Duration;

/**
 * Hears what happens to one {@link Subscriber} besides readings.
 *
 * <p>Called on the subscriber's own thread, in order with its readings, never concurrently (a
 * commit: between any two). What it throws ends the subscriber like an exception of the handler: a
 * gap, phase or progress that it did not take is not covered by {@link Subscriber#cursor()}.
 */
public interface SubscriberListener {
  /**
   * The subscription was added: connected, at the first session and after every reconnect. The
   * status has the settings in force and the position.
   */
  default void onActive(SubscriptionStatus status) {}

  /** Readings that exist or existed are not delivered; the subscription continues after them. */
  default void onGap(Gap gap) {}

  /**
   * The subscription caught up or fell behind, or a snapshot begins or ends: readings between
   * SNAPSHOT_BEGIN and SNAPSHOT_END are last values. A snapshot that was cut off by a broken
   * connection begins again with SNAPSHOT_BEGIN.
   */
  default void onPhase(PhaseChange phase) {}

  /**
   * A durable subscription's cursor is committed, and survives a restart of the server. A commit
   * after the end of the subscription shows only in {@link Subscriber#committedCursor()}.
   */
  default void onCommitted(String cursor) {}

  /** Reports the position of the subscription; only with a progress interval. */
  default void onProgress(Progress progress) {}

  /**
   * The session broke; another try follows.
   *
   * @param cause why
   * @param retryIn how long until the next try
   */
  default void onDisconnected(WeirException cause, Duration retryIn) {}
}
