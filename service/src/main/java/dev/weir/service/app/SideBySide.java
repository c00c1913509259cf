package dev.weir.service.app;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One run of tasks on several threads, for which somebody waits. Owned by who waits; each task is
 * run by one thread.
 */
final class SideBySide {
  private final List<Runnable> tasks;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicReference<Throwable> failed = new AtomicReference<>();

  private SideBySide(List<Runnable> tasks) {
    this.tasks = tasks;
  }

  /**
   * Runs tasks, and returns when all have ended. Where one throws, no other is begun; what it threw
   * is thrown here when those that run have ended.
   *
   * @param threads run them
   * @param most how many at once
   */
  static void run(List<Runnable> tasks, Executor threads, int most) {
    SideBySide run = new SideBySide(tasks);
    int runners = Math.min(most, tasks.size());
    CountDownLatch ended = new CountDownLatch(runners);
    for (int i = 0; i < runners; i++) {
      threads.execute(
          () -> {
            try {
              run.work();
            } finally {
              ended.countDown();
            }
          });
    }
    await(ended);
    rethrow(run.failed.get());
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
  private static void await(CountDownLatch ended) {
    boolean interrupted = false;
    while (true) {
      try {
        ended.await();
        break;
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
