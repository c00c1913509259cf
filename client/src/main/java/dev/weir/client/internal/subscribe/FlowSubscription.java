package dev.weir.client.internal.subscribe;

import dev.weir.client.ReadingHandler;
import dev.weir.client.WeirException;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.v1.EndReason;
import dev.weir.v1.Reading;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Function;

/**
 * One subscriber of the reactive view. Thread-safe: its lock guards the demand and how it ended;
 * the readings held back are owned by the subscriber's thread, which alone signals.
 */
public final class FlowSubscription implements Flow.Subscription, HandlerAdapter {
  private final Flow.Subscriber<? super Reading> to;

  /** The readings of the last delivery that exceed the demand. */
  private final Deque<Reading> heldBack = new ArrayDeque<>();

  private CompletableFuture<Void> handedOut;

  private long demand;
  private long unasked;
  private boolean over;
  private IllegalArgumentException badRequest;
  private StreamSubscriber subscriber;

  private FlowSubscription(Flow.Subscriber<? super Reading> to) {
    this.to = to;
  }

  /**
   * Signals {@code onSubscribe}, and then what the subscription gives.
   *
   * @param open opens a subscriber for it
   */
  public static void start(
      Flow.Subscriber<? super Reading> to, Function<FlowSubscription, StreamSubscriber> open) {
    FlowSubscription subscription = new FlowSubscription(to);
    to.onSubscribe(subscription);
    subscription.run(open);
  }

  private void run(Function<FlowSubscription, StreamSubscriber> open) {
    if (isOver()) {
      end(null);
      return;
    }
    StreamSubscriber opened;
    try {
      opened = open.apply(this);
    } catch (WeirException e) {
      end(e);
      return;
    }
    boolean late;
    synchronized (this) {
      subscriber = opened;
      late = over;
    }
    opened
        .completion()
        .whenComplete((end, failure) -> end(failure == null ? cutShort(end.reason()) : failure));
    if (late) {
      opened.close();
    }
    ask();
  }

  /** The failure that an end is where readings are left, which onComplete would hide; or null. */
  private static WeirException cutShort(EndReason reason) {
    return switch (reason) {
      case END_REASON_LAGGED -> ErrorTranslator.lagged();
      case END_REASON_TOPIC_DELETED -> ErrorTranslator.topicDeleted();
      default -> null;
    };
  }

  private synchronized boolean isOver() {
    return over;
  }

  /** The last signal, if one is due: none after a cancel. */
  private void end(Throwable failure) {
    IllegalArgumentException bad;
    boolean cancelled;
    synchronized (this) {
      bad = badRequest;
      cancelled = over && bad == null;
      over = true;
    }
    if (bad != null) {
      to.onError(bad);
    } else if (cancelled) {
      return;
    } else if (failure != null) {
      to.onError(failure);
    } else {
      to.onComplete();
    }
  }

  @Override
  public void request(long n) {
    StreamSubscriber toClose = null;
    synchronized (this) {
      if (over) {
        return;
      }
      if (n > 0) {
        demand = plus(demand, n);
        unasked = plus(unasked, n);
      } else {
        over = true;
        badRequest = new IllegalArgumentException("request: " + n + " (expected at least 1)");
        toClose = subscriber;
      }
    }
    if (toClose != null) {
      toClose.close();
    }
    ask();
  }

  private static long plus(long a, long b) {
    return b > Long.MAX_VALUE - a ? Long.MAX_VALUE : a + b;
  }

  /** Asks the server for what was requested here. */
  private void ask() {
    long readings;
    synchronized (this) {
      readings = over || subscriber == null ? 0 : unasked;
      unasked -= readings;
    }
    if (readings > 0) {
      subscriber.requestNow(readings);
    }
  }

  @Override
  public void cancel() {
    StreamSubscriber toClose;
    synchronized (this) {
      over = true;
      toClose = subscriber;
    }
    if (toClose != null) {
      toClose.close();
    }
  }

  @Override
  public int inFlightMax() {
    return 1;
  }

  @Override
  public ReadingHandler begin() {
    return heldBack::add;
  }

  @Override
  public CompletionStage<?> delivered(String cursor) {
    handedOut = new CompletableFuture<>();
    CompletableFuture<Void> all = handedOut;
    handOut();
    return all;
  }

  @Override
  public void woken() {
    handOut();
  }

  private void handOut() {
    while (!heldBack.isEmpty() && take()) {
      to.onNext(heldBack.remove());
    }
    if (heldBack.isEmpty() && handedOut != null) {
      handedOut.complete(null);
      handedOut = null;
    }
  }

  private synchronized boolean take() {
    if (over || demand == 0) {
      return false;
    }
    demand -= demand == Long.MAX_VALUE ? 0 : 1;
    return true;
  }
}
