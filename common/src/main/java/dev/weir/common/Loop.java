package dev.weir.common;

/**
 * An event loop: one thread at a time, tasks of one connection in the order posted. What is "owned
 * by the event loop" is touched by these tasks only. They never block and never run longer than
 * about 50 µs.
 */
public interface Loop {
  /** Returns whether the caller runs on this loop. Any thread. */
  boolean inLoop();

  /** Runs a task on the loop, later, also when called on it. Dropped once the loop has ended. */
  void post(Runnable task);

  /**
   * The same loop for what may wait: its tasks leave most of the loop's time to the other tasks
   * where there are some. Tasks of the two are in no order; what a bulk task posts is bulk, too.
   */
  default Loop bulk() {
    return this;
  }

  /** The event loop itself, which all connections on it share; a loop may be a connection's. */
  default Loop shared() {
    return this;
  }

  /**
   * Runs a task on the loop after a delay.
   *
   * @param delayNanos at least 0
   * @return cancels the task, on the loop
   */
  Runnable schedule(long delayNanos, Runnable task);
}
