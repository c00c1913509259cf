package dev.weir.service.session;

import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fair.FairExecutor;
import dev.weir.service.core.fair.SlicedTask;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * A bounded pool for what would hold an event loop: disk, conversion, changes of topics. Callers
 * have their turns, and nothing is done for those that are gone. Thread-safe.
 *
 * @param pool does the work, or refuses it where too much waits
 * @param retryDelay told to those refused
 * @param full what they are told: which limit is reached
 */
public record ControlPool(FairExecutor pool, Duration retryDelay, String full) {
  /** A message of more bytes is decoded in more than about 5 ms of processor time. */
  private static final int LENGTHY_BYTES = 96 << 10;

  /** One whose executor bounds it, and refuses tasks when its queue is full. */
  public ControlPool(Executor executor, Duration retryDelay) {
    this(FairExecutor.unbounded(executor), retryDelay, "too many tasks of this kind wait");
  }

  /** Whether it takes long to decode a message of so many bytes. */
  public static boolean isLengthy(int messageBytes) {
    return messageBytes > LENGTHY_BYTES;
  }

  /** Hands over work of a caller. Empty if it was taken; otherwise why not. */
  public Optional<Fault> offer(Caller caller, SlicedTask work) {
    return pool.offer(caller, work)
        ? Optional.empty()
        : Optional.of(
            Fault.of(ErrorCode.OVERLOADED, full + "; retry after the delay")
                .retryAfter(retryDelay));
  }

  /** Hands over a task that is nobody's. Empty if it was taken; otherwise why not. */
  public Optional<Fault> offer(Runnable task) {
    return offer(Caller.of(this), SlicedTask.once(task));
  }

  /**
   * Has something made, unless nobody waits for it any more by then: the caller is gone, or the
   * future is done. It fails with what the task threw, or a FaultException where the pool is full.
   */
  public <T> CompletableFuture<T> make(Caller caller, Supplier<T> task) {
    CompletableFuture<T> made = new CompletableFuture<>();
    Caller waiting = new Caller(caller.turn(), () -> !made.isDone() && caller.isWanted());
    offer(waiting, new ResultTask<>(made, task))
        .ifPresent(full -> made.completeExceptionally(full.exception()));
    return made;
  }

  private record ResultTask<T>(CompletableFuture<T> made, Supplier<T> task) implements SlicedTask {
    @Override
    public boolean step() {
      try {
        made.complete(task.get());
      } catch (RuntimeException failed) {
        made.completeExceptionally(failed);
      } catch (Error thrown) { // it ends the process
        made.completeExceptionally(thrown);
        throw thrown;
      }
      return false;
    }

    @Override
    public void dropped() {
      made.cancel(false);
    }
  }

  /** What is told of a task that failed. */
  public static Fault faultOf(RuntimeException failed) {
    return failed instanceof FaultException refused
        ? refused.fault()
        : Fault.of(ErrorCode.INTERNAL, "a defect of the server: " + failed);
  }
}
