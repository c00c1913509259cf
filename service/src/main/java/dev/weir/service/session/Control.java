package dev.weir.service.session;

import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * A bounded pool for what would hold an event loop: disk, conversion, re-encoding. Thread-safe.
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
          Fault.of(ErrorCode.OVERLOADED, "the server's control pool is full; retry")
              .retryAfter(retryDelay));
    }
  }

  /** What is told of a task that failed. */
  static Fault faultOf(RuntimeException failed) {
    return failed instanceof FaultException refused
        ? refused.fault()
        : Fault.of(ErrorCode.INTERNAL, "a defect of the server: " + failed);
  }
}
