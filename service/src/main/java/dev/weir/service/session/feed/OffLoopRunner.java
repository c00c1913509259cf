package dev.weir.service.session.feed;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.TaskErrors;
import dev.weir.service.partition.NoReadMemoryException;
import dev.weir.service.session.CatchUpPool;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * One task at a time off the event loop, for one feed; where the pool is full, or there is no
 * memory to read, it is tried again. Owned by the event loop.
 */
@OwnedBy("event loop")
final class OffLoopRunner {
  /**
   * The time after which others have given memory back that is lacking: it is held for one read.
   */
  private static final long ROOM_NANOS = 10_000_000;

  private final Loop loop;
  private final Loop bulkLoop;
  private final CatchUpPool.SessionTurns pool;
  private final Consumer<Exception> failed;
  private boolean busy;
  private volatile boolean closed; // written by the loop; a task that has not begun looks
  private Runnable release = () -> {};
  private Runnable cancelRetry; // null while nothing is to be tried again

  /**
   * @param bulkLoop the same loop; tasks that may have read the log end on it
   * @param failed gets what a task threw, on the loop
   */
  OffLoopRunner(
      Loop loop, Loop bulkLoop, CatchUpPool.SessionTurns pool, Consumer<Exception> failed) {
    this.loop = loop;
    this.bulkLoop = bulkLoop;
    this.pool = pool;
    this.failed = failed;
  }

  /** Returns whether a task is under way. */
  boolean busy() {
    return busy;
  }

  /** Runs a task that may read the log, and then the rest on the loop unless closed meanwhile. */
  <T> void run(Callable<T> task, Consumer<T> done) {
    run(CatchUpPool.Kind.STORED, task, result -> 0, done);
  }

  /**
   * Runs a task, and then the rest on the loop unless closed meanwhile.
   *
   * @param bytes how many the task read
   */
  <T> void run(CatchUpPool.Kind kind, Callable<T> task, ToLongFunction<T> bytes, Consumer<T> done) {
    busy = true;
    Runnable again = () -> run(kind, task, bytes, done);
    Loop endsOn = kind == CatchUpPool.Kind.STORED ? bulkLoop : loop;
    pool.offer(kind, () -> call(endsOn, task, bytes, done, again))
        .ifPresent(full -> later(full.retryDelay().orElseThrow().toNanos(), again));
  }

  /** Runs a task; the bytes it read. Called by the pool. */
  private <T> long call(
      Loop endsOn, Callable<T> task, ToLongFunction<T> bytes, Consumer<T> done, Runnable again) {
    if (closed) {
      endsOn.post(() -> end(() -> {}));
      return 0;
    }
    try {
      T result = task.call();
      long read = bytes.applyAsLong(result);
      endsOn.post(() -> end(() -> done.accept(result)));
      return read;
    } catch (NoReadMemoryException full) {
      endsOn.post(() -> later(ROOM_NANOS, again));
    } catch (Exception thrown) {
      endsOn.post(() -> end(() -> failed.accept(thrown)));
    } catch (Error thrown) { // such as OutOfMemoryError: the feed must not wait for ever
      endsOn.post(() -> end(() -> failed.accept(new IllegalStateException(thrown))));
      throw thrown;
    }
    return 0;
  }

  private void later(long nanos, Runnable again) {
    if (closed) {
      end(() -> {});
      return;
    }
    cancelRetry =
        loop.schedule(
            nanos,
            () -> {
              cancelRetry = null;
              again.run();
            });
  }

  /** Waits for a future that others complete, as if it were a task. */
  <T> void await(CompletableFuture<T> future, Consumer<T> done) {
    busy = true;
    future.whenComplete(
        (result, thrown) -> {
          TaskErrors.rethrow(thrown, loop::post);
          loop.post(
              () ->
                  end(
                      () -> {
                        if (thrown == null) {
                          done.accept(result);
                        } else {
                          failed.accept(causeOf(thrown));
                        }
                      }));
        });
  }

  private static Exception causeOf(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    return cause instanceof Exception exception ? exception : new IllegalStateException(cause);
  }

  private void end(Runnable rest) {
    busy = false;
    if (closed) {
      release.run();
    } else {
      rest.run();
    }
  }

  /** Drops what is under way; releases what tasks use once none runs. */
  void close(Runnable whenIdle) {
    closed = true;
    release = whenIdle;
    if (cancelRetry != null) {
      cancelRetry.run();
      busy = false;
    }
    if (!busy) {
      release.run();
    }
  }
}
