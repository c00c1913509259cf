package dev.weir.service.core;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps threads from doing something at the same time without having them wait: where one is at it,
 * that one does it once more. Thread-safe.
 */
public final class CoalescingRunner {
  private final AtomicInteger asked = new AtomicInteger();

  /** Runs a task, unless another thread is at its own, which it then runs once more. */
  public void run(Runnable task) {
    if (asked.getAndIncrement() > 0) {
      return;
    }
    int seen = 1;
    boolean done = false;
    try {
      while (seen > 0) {
        task.run();
        seen = asked.addAndGet(-seen);
      }
      done = true;
    } finally {
      if (!done) {
        asked.set(0); // it threw; the next one tries again
      }
    }
  }
}
