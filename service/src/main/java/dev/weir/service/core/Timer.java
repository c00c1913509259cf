package dev.weir.service.core;

/** Runs short tasks after a delay, on a thread of its own choice. Thread-safe. */
@FunctionalInterface
public interface Timer {
  /**
   * Runs a task once after a delay.
   *
   * @param delayNanos at least 0
   * @param task must not take long, and never blocks
   * @return cancels the task; any thread
   */
  Runnable schedule(long delayNanos, Runnable task);
}
