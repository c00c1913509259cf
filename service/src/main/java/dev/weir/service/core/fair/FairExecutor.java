package dev.weir.service.core.fair;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;

/**
 * Does the work of many callers on a few threads that are passed in. Callers share these by time:
 * whose work took least is next, so that whoever asks for little does not wait for those who ask
 * for much. Work goes on in slices, between which others are served. Lengthy work has a queue of
 * its own and never all threads, and a thread that did some looks for other work first, so that a
 * short request waits for none of it. Work of callers that are gone is dropped when its turn comes.
 * Thread-safe; holds no lock while work is done.
 */
public final class FairExecutor {
  private record Task(Caller caller, SlicedTask work) {}

  /** The least cost of a slice. */
  private static final long TURN_NANOS = 10_000;

  private final Executor threads;
  private final int threadsMax;
  private final int lengthyMax;
  private final int tasksMax;
  private final LongSupplier nanoClock;
  private final FairQueue<Task> prompt; // this and the rest: guarded by this
  private final FairQueue<Task> lengthy;
  private int lengthyRunning;
  private boolean lengthyWasLast;
  private int running; // of the threads, those that are on their way too
  private int coming; // threads on their way, each of which takes what is next

  /**
   * Nobody waits yet.
   *
   * @param threads runs {@code threadsMax} tasks at a time and has room for as many more
   * @param tasksMax how much work may wait; more is refused
   * @param tasksPerTurnMax how much of it may be that of one {@link Caller#turn}
   * @param nanoClock measures slices
   */
  public FairExecutor(
      Executor threads, int threadsMax, int tasksMax, int tasksPerTurnMax, LongSupplier nanoClock) {
    this.threads = threads;
    this.threadsMax = threadsMax;
    this.lengthyMax = Math.max(1, threadsMax - 1);
    this.tasksMax = tasksMax;
    this.nanoClock = nanoClock;
    this.prompt = new FairQueue<>(tasksMax, tasksPerTurnMax, TURN_NANOS);
    this.lengthy = new FairQueue<>(tasksMax, tasksPerTurnMax, TURN_NANOS);
  }

  /** One whose threads bound it: it waits there, and is refused where they refuse it. */
  public static FairExecutor unbounded(Executor threads) {
    int most = Integer.MAX_VALUE;
    return new FairExecutor(threads, most, most, most, () -> 0);
  }

  /** Returns how many pieces of work wait. */
  public synchronized int waiting() {
    return prompt.size() + lengthy.size();
  }

  private FairQueue<Task> queueOf(Task task) {
    return task.work().isLengthy() ? lengthy : prompt;
  }

  /** Takes work for a caller; false where there is no room for it. Never blocks. */
  public boolean offer(Caller caller, SlicedTask work) {
    Task task = new Task(caller, work);
    synchronized (this) {
      if (waiting() >= tasksMax || !queueOf(task).offer(caller.turn(), task)) {
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
      return !queueOf(task).remove(caller.turn(), task); // else a thread has it by now
    }
  }

  /** Returns whether one more thread is to come, which is then counted. Guarded by this. */
  private boolean calls() {
    int ready = prompt.size() + Math.min(lengthy.size(), lengthyMax - lengthyRunning);
    if (running == threadsMax || coming >= ready) {
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
    long began = nanoClock.getAsLong();
    Task task = null;
    boolean unfinished = false;
    try {
      task = next();
      unfinished = task != null && task.work().step();
    } finally {
      ended(task, unfinished, nanoClock.getAsLong() - began);
    }
  }

  /** Returns the next task of the callers who still wait; null for none. */
  private Task next() {
    Task task;
    synchronized (this) {
      coming--;
      task = poll();
    }
    while (task != null && !task.caller().isWanted()) {
      try {
        task.work().dropped();
      } finally {
        synchronized (this) {
          done(task, 0);
        }
      }
      synchronized (this) {
        task = poll();
      }
    }
    return task;
  }

  /** Guarded by this. */
  private Task poll() {
    lengthyWasLast =
        lengthy.size() > 0
            && lengthyRunning < lengthyMax
            && (!lengthyWasLast || prompt.size() == 0);
    if (!lengthyWasLast) {
      return prompt.poll();
    }
    lengthyRunning++;
    return lengthy.poll();
  }

  /** Guarded by this. */
  private void done(Task task, long nanos) {
    if (task.work().isLengthy()) {
      lengthyRunning--;
    }
    queueOf(task).done(task.caller().turn(), nanos);
  }

  private void ended(Task task, boolean unfinished, long nanos) {
    synchronized (this) {
      running--;
      if (unfinished) {
        queueOf(task).add(task.caller().turn(), task);
      }
      if (task != null) {
        done(task, nanos);
      }
      if (!calls()) {
        return;
      }
    }
    come(); // refused only where all threads end, and then nobody is answered any more
  }
}
