package dev.weir.client.internal.reconnect;

import dev.weir.client.End;
import dev.weir.client.ReadingHandler;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.internal.Surroundings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A subscriber over {@code Subscribe}. Thread-safe; its state is its session's and its thread's.
 */
public final class StreamSubscriber implements Subscriber {
  private final Handover handover;
  private final SubscribeSession session;

  /** The users' own: one who completes it changes nothing here. One, so that asking is free. */
  private final CompletableFuture<End> completion = new CompletableFuture<>();

  private StreamSubscriber(Handover handover, SubscribeSession session) {
    this.handover = handover;
    this.session = session;
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

  /** A subscriber that connects in the background, on a thread of its own. */
  public static StreamSubscriber open(
      Surroundings around, SubscriberOptions options, ReadingHandler handler) {
    Handover handover = new Handover(options, handler);
    SubscribeSession session = new SubscribeSession(around, options, handover);
    handover.use(session);
    around.threads().accept(handover);
    return new StreamSubscriber(handover, session);
  }

  @Override
  public String cursor() {
    return handover.cursor();
  }

  @Override
  public long readingsDelivered() {
    return handover.readingsDelivered();
  }

  @Override
  public CompletableFuture<End> completion() {
    return completion;
  }

  @Override
  public boolean drain(Duration timeout) {
    session.remove();
    boolean ended = false;
    try {
      handover.completion().get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
      ended = true;
    } catch (ExecutionException e) {
      // It had failed before; completion() says why.
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
