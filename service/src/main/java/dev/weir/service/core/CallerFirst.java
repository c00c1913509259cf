package dev.weir.service.core;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one at a time, in order: on the thread that brings one while none runs, with what
 * others bring meanwhile, up to so many; the rest on another executor, so that nobody is kept busy
 * by others for long. For short tasks that never wait: a thread of their own would cost a wake-up
 * each. Thread-safe.
 */
public final class CallerFirst implements Executor {
  /** Tasks that a caller runs before the other executor takes over. */
  static final int TASKS_MAX = 16;

  private final Executor rest;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  /** Tasks that wait or run: who makes it 1 runs them. */
  private final AtomicInteger left = new AtomicInteger();

  /**
   * @param rest runs what a caller would run for too long; also hears of defects
   */
  public CallerFirst(Executor rest) {
    this.rest = rest;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (left.getAndIncrement() == 0) {
      turn();
    }
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
