package dev.weir.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * One running subscription. Thread-safe.
 *
 * <p>After a broken connection it reconnects by itself and resumes after the last delivery it
 * handed over: nothing is lost, nothing comes twice. A snapshot, or conflated values, that were cut
 * off come again from their beginning.
 */
public interface Subscriber extends AutoCloseable {
  /**
   * Returns the position after everything the handler has finished; resuming after it gives exactly
   * the next matching reading. Empty until the subscription's start is known, and until the
   * snapshot asked for by {@link SubscriberOptions.Builder#snapshot} is complete.
   */
  String cursor();

  /** Returns the number of readings handed over so far, those of snapshots too. */
  long readingsDelivered();

  /**
   * Asks for so many further readings, at least 1, with {@link
   * SubscriberOptions.Builder#manualCredit}. What was asked for and not delivered survives a
   * reconnect; what a delivery overran is charged against later requests. Never blocks.
   *
   * @throws IllegalStateException without manual credit
   */
  void request(long readings);

  /**
   * Asks for so many further bytes, at least 1, with {@link
   * SubscriberOptions.Builder#manualCreditWithBytes}; otherwise like {@link #request}.
   *
   * @throws IllegalStateException without manual credit in bytes
   */
  void requestBytes(long bytes);

  /** Commits {@link #cursor()}; see {@link #commit(String)}. */
  CompletableFuture<String> commit();

  /**
   * Commits the cursor of a durable subscription, which only ever moves forward.
   *
   * <p>One commit is under way at a time; of those called meanwhile the last one stands for all,
   * and they share its future. It is a call of its own, so it waits for no readings, and it is made
   * again while the server is away. Do not block for it in the handler: it completes on the
   * subscriber's own thread, between deliveries. A stage of an {@link AsyncReadingHandler} may end
   * with it.
   *
   * @param cursor one that this subscription gave (a later one skips what lies before it); empty:
   *     nothing to commit, completes at once
   * @return completes with the cursor now committed, which a restart survives, or exceptionally
   *     with a {@link WeirException}: of the server, or CLOSED
   * @throws IllegalStateException where the subscription is not durable
   */
  CompletableFuture<String> commit(String cursor);

  /** Returns the cursor this subscriber last heard to be committed; empty: none yet. */
  String committedCursor();

  /**
   * Completes when the subscription has ended: with an {@link End} as planned, or exceptionally
   * with a {@link WeirException} of the server or what the handler threw. No handler call follows.
   * Unless it was closed, or commits only by hand, a durable subscription has then committed what
   * was finished.
   */
  CompletableFuture<End> completion();

  /**
   * Asks the server to end the subscription, hands over what is under way, commits unless that is
   * done only by hand, and closes. Blocks; must not be called from the handler.
   *
   * @return whether the end was reached in time
   */
  boolean drain(Duration timeout);

  /**
   * Ends at once; a delivery in the handler's hands may still finish, and is not committed.
   * Idempotent.
   */
  @Override
  void close();
}
