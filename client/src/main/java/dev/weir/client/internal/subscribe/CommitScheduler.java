package dev.weir.client.internal.subscribe;

import dev.weir.client.WeirException;
import dev.weir.client.internal.connection.ReconnectPolicy;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.threads.ClientLoop;
import dev.weir.common.OwnedBy;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Commits for one durable subscription when its user or the clock asks, one at a time. Owned by the
 * loop; the methods for other threads are marked.
 *
 * <p>Each is a call of its own. In the subscription's stream its answer would wait for readings,
 * which wait for the handler, which may wait for the commit.
 */
@OwnedBy("loop")
final class CommitScheduler {
  private final ClientLoop loop;
  private final DeliveryDispatcher handover;
  private final CommitQueue commits;
  private final Function<String, CompletableFuture<String>> call;
  private final ReconnectPolicy retry;
  private final long everyNanos;

  private boolean over;
  private ClientLoop.Timer clock;

  /**
   * Commits for a handover.
   *
   * @param call commits a cursor of the subscription; its future must not be held up
   * @param everyNanos how often the clock asks; 0: never
   */
  CommitScheduler(
      ClientLoop loop,
      DeliveryDispatcher handover,
      Function<String, CompletableFuture<String>> call,
      ReconnectPolicy retry,
      long everyNanos) {
    this.loop = loop;
    this.handover = handover;
    this.commits = handover.commits();
    this.call = call;
    this.retry = retry;
    this.everyNanos = everyNanos;
  }

  /** Starts the clock, which asks for the first time when its interval has passed. Thread-safe. */
  void start() {
    if (everyNanos > 0) {
      loop.execute(this::awaitTick);
    }
  }

  private void awaitTick() {
    if (!over) {
      clock = loop.schedule(this::tick, everyNanos);
    }
  }

  private void tick() {
    if (!over) {
      commits.askByClock(handover.cursor());
      call(commits.begin());
      awaitTick();
    }
  }

  /** Commits the cursor whose turn it is. Thread-safe. */
  void next() {
    loop.execute(() -> call(over ? "" : commits.begin()));
  }

  private void call(String cursor) {
    if (!cursor.isEmpty()) {
      retry.begin();
      call.apply(cursor)
          .whenComplete((committed, failure) -> loop.execute(() -> onAnswer(committed, failure)));
    }
  }

  private void onAnswer(String committed, Throwable failure) {
    if (over) {
      return;
    }
    if (failure == null) {
      retry.succeeded();
      commits.succeed(committed);
    } else {
      WeirException cause = ErrorTranslator.ofCall(failure);
      if (retry.failed(cause) == null) {
        retry.schedule(
            retry.nextWait(cause), () -> call(over ? "" : commits.again(handover.cursor())));
        return;
      }
      commits.fail(cause);
    }
    handover.wake();
  }

  /** Commits no more; what is under way may still succeed. Thread-safe. */
  void close() {
    loop.execute(
        () -> {
          over = true;
          retry.cancel();
          if (clock != null) {
            clock.cancel();
          }
        });
  }
}
