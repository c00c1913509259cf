package dev.weir.service.session;

import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * A bounded pool for what would hold an event loop: disk, conversion, changes of topics.
 * Thread-safe.
 *
 * @param executor runs tasks, or refuses when its queue is full
 * @param retryDelay told to those refused
 */
public record Control(Executor executor, Duration retryDelay) {
  /** Hands over a task. Empty if it was taken; otherwise why not. */
  public Optional<Fault> offer(Runnable task) {
    try {
      executor.execute(task);
      return Optional.empty();
    } catch (RejectedExecutionException full) {
      return Optional.of(
          Fault.of(ErrorCode.OVERLOADED, "too many tasks of this kind wait in the server; retry")
              .retryAfter(retryDelay));
    }
  }

  /**
   * Has something made, unless nobody waits for it any more by then: the future is done. It fails
   * with what the task threw, or a FaultException where the pool is full.
   */
  public <T> CompletableFuture<T> make(Supplier<T> task) {
    CompletableFuture<T> made = new CompletableFuture<>();
    offer(
            () -> {
              if (made.isDone()) {
                return;
              }
              try {
                made.complete(task.get());
              } catch (RuntimeException failed) {
                made.completeExceptionally(failed);
              }
            })
        .ifPresent(full -> made.completeExceptionally(full.exception()));
    return made;
  }

  /** What is told of a task that failed. */
  static Fault faultOf(RuntimeException failed) {
    return failed instanceof FaultException refused
        ? refused.fault()
        : Fault.of(ErrorCode.INTERNAL, "a defect of the server: " + failed);
  }
}
