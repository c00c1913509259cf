package dev.weir.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * One running subscription. Thread-safe.
 *
 * <p>After a broken connection it reconnects by itself and resumes after the last delivery it
 * handed over: nothing is lost, nothing comes twice.
 */
public interface Subscriber extends AutoCloseable {
  /**
   * The position behind the last delivery that was handed over completely; resuming after it gives
   * exactly the next matching reading. Empty until the subscription's start is known.
   */
  String cursor();

  /** Readings handed over so far. */
  long readingsDelivered();

  /**
   * Completes when the subscription has ended: with an {@link End} as planned, or exceptionally
   * with a {@link WeirException} of the server or what the handler threw. No handler call follows.
   */
  CompletableFuture<End> completion();

  /**
   * Asks the server to end the subscription, hands over what is under way, and closes. Blocks; must
   * not be called from the handler.
   *
   * @return whether the end was reached in time
   */
  boolean drain(Duration timeout);

  /** Ends at once; a delivery in the handler's hands may still finish. Idempotent. */
  @Override
  void close();
}
