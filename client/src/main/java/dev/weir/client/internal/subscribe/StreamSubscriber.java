package dev.weir.client.internal.subscribe;

import dev.weir.client.AsyncReadingHandler;
import dev.weir.client.End;
import dev.weir.client.ReadingHandler;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.internal.connection.ReconnectPolicy;
import dev.weir.client.internal.connection.SessionContext;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A subscriber over {@code Subscribe}. Thread-safe; its state is its session's and its thread's.
 */
public final class StreamSubscriber implements Subscriber {
  private final SubscriberOptions options;
  private final DeliveryDispatcher handover;
  private final SubscriberSession session;
  private final CommitScheduler commitCalls;

  /** The users' own: one who completes it changes nothing here. One, so that asking is free. */
  private final CompletableFuture<End> completion = new CompletableFuture<>();

  private StreamSubscriber(
      SubscriberOptions options,
      DeliveryDispatcher handover,
      SubscriberSession session,
      CommitScheduler commitCalls) {
    this.options = options;
    this.handover = handover;
    this.session = session;
    this.commitCalls = commitCalls;
    handover
        .completion()
        .whenComplete(
            (end, failure) -> {
              if (failure == null) {
                completion.complete(end);
              } else {
                completion.completeExceptionally(failure);
              }
            });
  }

  /**
   * A subscriber that connects in the background, on a thread of its own.
   *
   * @param commit commits a cursor of the subscription, within a deadline; its future must not be
   *     held up
   */
  public static StreamSubscriber open(
      SessionContext around,
      SubscriberOptions options,
      ReadingHandler handler,
      Function<String, CompletableFuture<String>> commit) {
    return open(around, options, HandlerAdapter.of(handler), CreditLedger.of(options), commit);
  }

  /** The same with a handler that finishes later. */
  public static StreamSubscriber open(
      SessionContext around,
      SubscriberOptions options,
      AsyncReadingHandler handler,
      Function<String, CompletableFuture<String>> commit) {
    HandlerAdapter target = HandlerAdapter.of(handler, options.inFlightMax());
    return open(around, options, target, CreditLedger.of(options), commit);
  }

  /** The same for one subscriber of the reactive view. */
  public static StreamSubscriber open(
      SessionContext around,
      SubscriberOptions options,
      FlowSubscription flow,
      Function<String, CompletableFuture<String>> commit) {
    return open(around, options, flow, CreditLedger.byHand(false), commit);
  }

  private static StreamSubscriber open(
      SessionContext around,
      SubscriberOptions options,
      HandlerAdapter target,
      CreditLedger credit,
      Function<String, CompletableFuture<String>> commit) {
    DeliveryDispatcher handover = new DeliveryDispatcher(options, target, credit, commit);
    SubscriberSession session = new SubscriberSession(around, handover);
    ReconnectPolicy retry = new ReconnectPolicy(around);
    CommitScheduler commitCalls =
        new CommitScheduler(
            around.loop(), handover, commit, retry, options.commitEvery().toNanos());
    handover.use(session, commitCalls);
    around.threads().accept(handover);
    return new StreamSubscriber(options, handover, session, commitCalls);
  }

  @Override
  public long readingsDelivered() {
    return handover.readingsDelivered();
  }

  @Override
  public void request(long readings) {
    if (!options.manualCredit()) {
      throw new IllegalStateException("request: only with manualCredit");
    }
    requestNow(positive("readings", readings));
  }

  /** Asks for readings and lets the target look around. */
  void requestNow(long readings) {
    if (handover.credit().request(readings)) {
      session.grant();
    }
    handover.wake();
  }

  @Override
  public void requestBytes(long bytes) {
    if (!options.manualBytes()) {
      throw new IllegalStateException("requestBytes: only with manualCreditWithBytes");
    }
    if (handover.credit().requestBytes(positive("bytes", bytes))) {
      session.grant();
    }
  }

  private static long positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected at least 1)");
    }
    return value;
  }

  @Override
  public String cursor() {
    return handover.cursor();
  }

  @Override
  public CompletableFuture<String> commit() {
    return commit(cursor());
  }

  @Override
  public CompletableFuture<String> commit(String cursor) {
    if (options.subscription().getName().isEmpty()) {
      throw new IllegalStateException("commit: only of a durable subscription");
    }
    if (cursor.isEmpty()) {
      return CompletableFuture.completedFuture(committedCursor());
    }
    CompletableFuture<String> done = handover.commits().ask(cursor);
    commitCalls.next();
    return done;
  }

  @Override
  public String committedCursor() {
    return handover.commits().committed();
  }

  @Override
  public CompletableFuture<End> completion() {
    return completion;
  }

  /** Completes when it has ended in one way or another; for its client, and nobody else. */
  public CompletableFuture<Void> ended() {
    return handover.completion().handle((end, failure) -> null);
  }

  /** Asks for the end without waiting for it. */
  public void beginDrain() {
    session.remove();
  }

  @Override
  public boolean drain(Duration timeout) {
    beginDrain();
    boolean ended = false;
    try {
      handover.completion().get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
      ended = true;
    } catch (ExecutionException e) {
      // It had failed before; completion() has the reason.
      ended = false;
    } catch (TimeoutException e) {
      handover.stop();
    } catch (InterruptedException e) {
      handover.stop();
      Thread.currentThread().interrupt();
    }
    return ended;
  }

  @Override
  public void close() {
    handover.stop();
    session.close();
  }
}
