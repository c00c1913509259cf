package dev.weir.client.internal.threads;

import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * A loop whose clock its test sets: tasks run on the test's thread, when their time has come. Owned
 * by the test, except that other threads may read the clock and post.
 */
public final class ManualClientLoop implements ClientLoop {
  /** A task and when it is due; tasks of one time run in the order in which they came. */
  private record Due(long atNanos, long number, Runnable task) {}

  private final PriorityQueue<Due> tasks =
      new PriorityQueue<>(
          Comparator.comparingLong((Due due) -> due.atNanos).thenComparingLong(due -> due.number));
  private long nanos;
  private long posted;

  @Override
  public boolean inLoop() {
    return true;
  }

  @Override
  public void execute(Runnable task) {
    schedule(task, 0);
  }

  @Override
  public synchronized Timer schedule(Runnable task, long delayNanos) {
    Due due = new Due(nanos + delayNanos, posted++, task);
    tasks.add(due);
    return () -> cancel(due);
  }

  private synchronized void cancel(Due due) {
    tasks.remove(due);
  }

  @Override
  public synchronized long nanoTime() {
    return nanos;
  }

  /** Returns the time until the next task is due; -1: there is none. */
  public synchronized long nextDelayNanos() {
    return tasks.isEmpty() ? -1 : Math.max(0, tasks.element().atNanos - nanos);
  }

  /** Lets so much time pass, and everything happen that is due in it. */
  public void advance(long byNanos) {
    long until = nanoTime() + byNanos;
    for (Due next = takeUntil(until); next != null; next = takeUntil(until)) {
      next.task.run();
    }
    synchronized (this) {
      nanos = until;
    }
  }

  private synchronized Due takeUntil(long untilNanos) {
    if (tasks.isEmpty() || tasks.element().atNanos > untilNanos) {
      return null;
    }
    Due next = tasks.remove();
    nanos = Math.max(nanos, next.atNanos);
    return next;
  }
}
