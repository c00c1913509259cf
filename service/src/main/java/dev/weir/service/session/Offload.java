package dev.weir.service.session;

import dev.weir.service.core.Errors;
import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * One task at a time off the event loop, for one feed; a full pool is tried again. Owned by the
 * event loop.
 */
@OwnedBy("event loop")
final class Offload {
  private final Loop loop;
  private final Control pool;
  private final Consumer<Exception> failed;
  private boolean busy;
  private boolean closed;
  private Runnable release = () -> {};

  /**
   * @param failed gets what a task threw, on the loop
   */
  Offload(Loop loop, Control pool, Consumer<Exception> failed) {
    this.loop = loop;
    this.pool = pool;
    this.failed = failed;
  }

  /** Whether a task is under way. */
  boolean busy() {
    return busy;
  }

  /** Runs a task on the pool, and then the rest on the loop unless closed meanwhile. */
  <T> void run(Callable<T> task, Consumer<T> done) {
    busy = true;
    pool.offer(
            () -> {
              try {
                T result = task.call();
                loop.post(() -> end(() -> done.accept(result)));
              } catch (Exception thrown) {
                loop.post(() -> end(() -> failed.accept(thrown)));
              } catch (Error thrown) { // such as OutOfMemoryError: the feed must not wait for ever
                loop.post(() -> end(() -> failed.accept(new IllegalStateException(thrown))));
                throw thrown;
              }
            })
        .ifPresent(
            full ->
                loop.schedule(
                    full.retryDelay().orElseThrow().toNanos(),
                    () -> {
                      if (closed) {
                        end(() -> {});
                      } else {
                        run(task, done);
                      }
                    }));
  }

  /** Waits for a future that others complete, as if it were a task. */
  <T> void await(CompletableFuture<T> future, Consumer<T> done) {
    busy = true;
    future.whenComplete(
        (result, thrown) -> {
          Errors.rethrow(thrown, loop::post);
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
    if (!busy) {
      release.run();
    }
  }
}
