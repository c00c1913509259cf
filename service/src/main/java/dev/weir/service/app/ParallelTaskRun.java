package dev.weir.service.app;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One run of tasks on several threads, of which the one that waits for them is one. Owned by who
 * waits; each task is run by one thread.
 */
final class ParallelTaskRun {
  private final List<Runnable> tasks;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicReference<Throwable> failed = new AtomicReference<>();
  private int working; // guarded by this
  private boolean over; // guarded by this

  private ParallelTaskRun(List<Runnable> tasks) {
    this.tasks = tasks;
  }

  /**
   * Runs tasks, and returns when all have ended. The caller runs them too, so that threads that are
   * busy with something else delay nothing. Where one throws, no other is begun; what it threw is
   * thrown here when those that run have ended.
   *
   * @param threads run them besides the caller
   * @param most how many at once
   */
  static void run(List<Runnable> tasks, Executor threads, int most) {
    ParallelTaskRun run = new ParallelTaskRun(tasks);
    for (int others = Math.min(most, tasks.size()) - 1; others > 0; others--) {
      threads.execute(run::help);
    }
    run.work();
    run.awaitOthers();
    rethrow(run.failed.get());
  }

  /** On a thread that comes late this does nothing: nobody waits for it any more. */
  private void help() {
    synchronized (this) {
      if (over) {
        return;
      }
      working++;
    }
    try {
      work();
    } finally {
      synchronized (this) {
        working--;
        notifyAll();
      }
    }
  }

  private void work() {
    try {
      while (failed.get() == null) {
        int at = next.getAndIncrement();
        if (at >= tasks.size()) {
          return;
        }
        tasks.get(at).run();
      }
    } catch (RuntimeException | Error thrown) { // whoever waits for the tasks hears of it
      if (!failed.compareAndSet(null, thrown)) {
        failed.get().addSuppressed(thrown);
      }
    }
  }

  /**
   * Waits for all that run, also when it is interrupted: nothing of them may be undone before they
   * have ended.
   */
  private synchronized void awaitOthers() {
    over = true;
    boolean interrupted = false;
    while (working > 0) {
      try {
        wait();
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void rethrow(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException defect) {
      throw defect;
    }
  }
}
