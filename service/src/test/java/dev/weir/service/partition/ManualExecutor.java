package dev.weir.service.partition;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** An executor that runs what it was given when the test says so. Owned by one test. */
public final class ManualExecutor implements Executor {
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private boolean refusing;
  private boolean atOnce;

  @Override
  public void execute(Runnable task) {
    if (refusing) {
      throw new RejectedExecutionException("full on purpose");
    }
    if (atOnce) {
      task.run();
    } else {
      waiting.add(task);
    }
  }

  /** Refuses tasks from now on, or no more. */
  public void refuse(boolean refuse) {
    refusing = refuse;
  }

  /** Runs tasks as they come from now on. */
  public void runAtOnce() {
    runAtOnce(true);
  }

  /** Runs tasks as they come from now on, or no more. */
  public void runAtOnce(boolean run) {
    atOnce = run;
  }

  /** Tasks not run yet. */
  public int size() {
    return waiting.size();
  }

  /** Drops what was not run: the process is gone. */
  public void clear() {
    waiting.clear();
  }

  /** Runs the oldest task; false if there is none. */
  public boolean runOne() {
    Runnable task = waiting.poll();
    if (task != null) {
      task.run();
    }
    return task != null;
  }
}
