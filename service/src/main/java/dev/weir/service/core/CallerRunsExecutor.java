package dev.weir.service.core;

import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one at a time, in order, on another executor; but one that is brought {@linkplain
 * #executeHere so} while none waits or runs, on the thread that brings it. For short tasks that
 * never wait: a thread of their own would cost a wake-up each. Thread-safe.
 */
public final class CallerRunsExecutor implements Executor {
  /** Tasks that are run before others get the thread: one, and one that it brings. */
  static final int TASKS_MAX = 2;

  private final Executor rest;
  private final Queue<Runnable> tasks;

  /** Tasks that wait or run: who makes it 1 sees to it that they run. */
  private final AtomicInteger left = new AtomicInteger();

  /**
   * @param rest runs what callers do not; also hears of their tasks' defects
   * @param tasksMax most tasks that wait; one more is an IllegalStateException
   */
  public CallerRunsExecutor(Executor rest, int tasksMax) {
    this.rest = rest;
    this.tasks = new ArrayBlockingQueue<>(tasksMax);
  }

  @Override
  public void execute(Runnable task) {
    if (isFirst(task)) {
      rest.execute(this::turn);
    }
  }

  /** Runs a task before it returns, if none waits or runs; else as {@link #execute}. */
  public void executeHere(Runnable task) {
    if (isFirst(task)) {
      turn();
    }
  }

  private boolean isFirst(Runnable task) {
    tasks.add(task);
    return left.getAndIncrement() == 0;
  }

  private void turn() {
    for (int i = 0; i < TASKS_MAX; i++) {
      run(tasks.remove());
      if (left.decrementAndGet() == 0) {
        return;
      }
    }
    rest.execute(this::turn);
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error defect) {
      rest.execute(
          () -> {
            throw defect; // it is not the caller's
          });
    }
  }
}
