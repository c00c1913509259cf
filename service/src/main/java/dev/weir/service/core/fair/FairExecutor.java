package dev.weir.service.core.fair;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Does the work of many callers, in turns, on a few threads that are passed in. Work goes on in
 * slices, and between two of them the callers that wait have their turns. Work of callers that are
 * gone is dropped when its turn comes. Thread-safe; holds no lock while work is done.
 */
public final class FairExecutor {
  private record Task(Caller caller, Work work) {}

  private final Executor threads;
  private final int threadsMax;
  private final FairQueue<Task> queue; // this and the rest: guarded by this
  private int running; // of the threads, those that are on their way too
  private int coming; // threads on their way, each of which takes what is next

  /**
   * Nobody waits yet.
   *
   * @param threads runs {@code threadsMax} tasks at a time and has room for as many more
   * @param tasksMax how much work may wait; more is refused
   * @param tasksPerTurnMax how much of it may be that of one {@link Caller#turn}
   */
  public FairExecutor(Executor threads, int threadsMax, int tasksMax, int tasksPerTurnMax) {
    this.threads = threads;
    this.threadsMax = threadsMax;
    this.queue = new FairQueue<>(tasksMax, tasksPerTurnMax);
  }

  /** One whose threads bound it: it waits there, and is refused where they refuse it. */
  public static FairExecutor unbounded(Executor threads) {
    return new FairExecutor(threads, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /** How much work waits. */
  public synchronized int waiting() {
    return queue.size();
  }

  /** Takes work for a caller; false where there is no room for it. Never blocks. */
  public boolean offer(Caller caller, Work work) {
    Task task = new Task(caller, work);
    synchronized (this) {
      if (!queue.offer(caller.turn(), task)) {
        return false;
      }
      if (!calls()) {
        return true;
      }
    }
    if (come()) {
      return true;
    }
    synchronized (this) {
      return !queue.remove(caller.turn(), task); // else a thread has it by now
    }
  }

  /** Whether one more thread is to come, which is then counted. Guarded by this. */
  private boolean calls() {
    if (running == threadsMax || coming >= queue.size()) {
      return false;
    }
    running++;
    coming++;
    return true;
  }

  /** Has a thread come that was counted; false where it is refused. */
  private boolean come() {
    try {
      threads.execute(this::run);
      return true;
    } catch (RejectedExecutionException full) {
      synchronized (this) {
        running--;
        coming--;
      }
      return false;
    }
  }

  /** Does one slice of what is next. */
  private void run() {
    Task unfinished = null;
    try {
      Task task = next();
      if (task != null && task.work().step()) {
        unfinished = task;
      }
    } finally {
      ended(unfinished);
    }
  }

  /** What is next of those who are still there; null for nothing. */
  private Task next() {
    Task task;
    synchronized (this) {
      coming--;
      task = queue.poll();
    }
    while (task != null && !task.caller().isWanted()) {
      task.work().dropped();
      synchronized (this) {
        task = queue.poll();
      }
    }
    return task;
  }

  private void ended(Task unfinished) {
    synchronized (this) {
      running--;
      if (unfinished != null) {
        queue.add(unfinished.caller().turn(), unfinished);
      }
      if (!calls()) {
        return;
      }
    }
    come(); // refused only where all threads end, and then nobody is answered any more
  }
}
