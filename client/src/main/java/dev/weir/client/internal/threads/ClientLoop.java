package dev.weir.client.internal.threads;

import java.util.concurrent.Executor;

/**
 * The one thread that owns the sessions of a client, and its clock. Thread-safe. Tasks run one at a
 * time and must not block. Tasks that come after the client was closed are dropped.
 */
public interface ClientLoop extends Executor {
  /** Returns whether the caller is on the loop's thread. */
  boolean inLoop();

  /** Runs a task on the loop after a delay. */
  Timer schedule(Runnable task, long delayNanos);

  /** A clock that never goes back; only differences mean something. */
  long nanoTime();

  /** A task that was scheduled. */
  interface Timer {
    /** Does nothing when the task has run. */
    void cancel();
  }
}
