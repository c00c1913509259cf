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
    this(
        FairExecutor.unbounded(executor),
        retryDelay,
        "The queue of the threads for this request is full");
  }

  /** Returns whether it takes long to decode a message of so many bytes. */
  public static boolean isLengthy(int messageBytes) {
    return messageBytes > LENGTHY_BYTES;
  }

  /** Hands over work of a caller. Empty if it was taken; otherwise why not. */
  public Optional<Fault> offer(Caller caller, SlicedTask work) {
    return pool.offer(caller, work)
        ? Optional.empty()
        : Optional.of(
            Fault.of(ErrorCode.OVERLOADED, full + ". Retry after the delay.")
                .retryAfter(retryDelay));
  }

  /** Hands over a task that is nobody's. Empty if it was taken; otherwise why not. */
  public Optional<Fault> offer(Runnable task) {
    return offer(Caller.of(this), SlicedTask.once(task));
  }

  /**
   * Has something made, unless nobody waits for it any more by then: the caller is gone, or the
   * future is done. It fails with what the task threw, or a FaultException where the pool is full.
   * As soon as the future is done, its place in the queue holds neither the task nor the caller.
   */
  public <T> CompletableFuture<T> make(Caller caller, Supplier<T> task) {
    return makeAfter(CompletableFuture.completedFuture(null), caller, task);
  }

  /** The same once something else is done, which must not fail. Until then it has no place. */
  public <T> CompletableFuture<T> makeAfter(
      CompletableFuture<?> before, Caller caller, Supplier<T> task) {
    CompletableFuture<T> made = new CompletableFuture<>();
    ResultTask<T> work = new ResultTask<>(made, task, caller);
    Object turn = caller.turn(); // what waits for the other thing must not hold the caller
    before.thenRun(() -> offer(work, turn));
    return made;
  }

  private void offer(ResultTask<?> work, Object turn) {
    if (work.isWanted()) {
      offer(new Caller(turn, work::isWanted), work).ifPresent(work::refused);
    }
  }

  /** Something to be made, which is let go of once nobody waits for it, wherever it is queued. */
  private static final class ResultTask<T> implements SlicedTask {
    private record Work<T>(CompletableFuture<T> made, Supplier<T> task, Caller caller) {}

    private volatile Work<T> work; // null once the future is done

    ResultTask(CompletableFuture<T> made, Supplier<T> task, Caller caller) {
      work = new Work<>(made, task, caller);
      made.whenComplete((result, failed) -> work = null);
    }

    boolean isWanted() {
      Work<T> now = work;
      return now != null && now.caller().isWanted();
    }

    void refused(Fault full) {
      Work<T> now = work;
      if (now != null) {
        now.made().completeExceptionally(full.exception());
      }
    }

    @Override
    public boolean step() {
      Work<T> now = work;
      if (now == null) {
        return false;
      }
      try {
        now.made().complete(now.task().get());
      } catch (RuntimeException failed) {
        now.made().completeExceptionally(failed);
      } catch (Error thrown) { // it ends the process
        now.made().completeExceptionally(thrown);
        throw thrown;
      }
      return false;
    }

    @Override
    public void dropped() {
      Work<T> now = work;
      if (now != null) {
        now.made().cancel(false);
      }
    }
  }

  /** Returns the fault for a task that failed. */
  public static Fault faultOf(RuntimeException failed) {
    return failed instanceof FaultException refused
        ? refused.fault()
        : Fault.of(
            ErrorCode.INTERNAL,
            "A defect of the server ended the call: "
                + failed
                + ". Report it with the server's log.");
  }
}
