package dev.weir.service.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * One owner of tasks: a thread, or a pool of some, which begin tasks in the order they come but may
 * be held up in any of them. Owned by one world.
 */
final class TaskQueue implements Executor {
  private static final class Task {
    private final long beginNanos;
    private final Runnable body;

    Task(long beginNanos, Runnable body) {
      this.beginNanos = beginNanos;
      this.body = body;
    }
  }

  private final VirtualSchedule schedule;
  private final String name;
  private final int width;
  private final List<Task> tasks = new ArrayList<>();
  private int most = Integer.MAX_VALUE;
  private long heldNanos;
  private boolean released;
  private boolean running;
  private boolean dropped;
  private boolean busy;

  TaskQueue(VirtualSchedule schedule, String name, int width) {
    this.schedule = schedule;
    this.name = name;
    this.width = width;
  }

  /** Takes no more than so many tasks at a time. */
  TaskQueue bounded(int tasksMost) {
    most = tasksMost;
    return this;
  }

  @Override
  public void execute(Runnable body) {
    if (dropped) {
      return;
    }
    if (schedule.atOnce()) {
      run(body);
      return;
    }
    if (tasks.size() >= most) {
      throw new RejectedExecutionException(name + " is full");
    }
    tasks.add(new Task(schedule.beginNanos(), body));
    if (!busy) {
      busy = true;
      schedule.busy(this);
    }
  }

  /** Runs nothing before a time. */
  void hold(long untilNanos) {
    heldNanos = untilNanos;
  }

  /** Nothing is held up any more. */
  void release() {
    heldNanos = 0;
    released = !tasks.isEmpty();
  }

  /** When the next task may run; Long.MAX_VALUE for none. */
  long beginNanos() {
    if (tasks.isEmpty()) {
      released = false;
      return Long.MAX_VALUE;
    }
    if (released) {
      return 0;
    }
    long begin = Long.MAX_VALUE;
    for (int i = Math.min(width, tasks.size()) - 1; i >= 0; i--) {
      begin = Math.min(begin, tasks.get(i).beginNanos);
    }
    return Math.max(begin, heldNanos);
  }

  /** Runs one of the tasks that may run; false if there is none. */
  boolean runOne() {
    if (tasks.isEmpty()) {
      return false;
    }
    int most = Math.min(width, tasks.size());
    int chosen = most == 1 ? 0 : schedule.random.nextInt(most);
    for (int i = 0; i < most; i++) {
      int at = (chosen + i) % most;
      if (released || tasks.get(at).beginNanos <= schedule.nowNanos()) {
        run(tasks.remove(at).body);
        return true;
      }
    }
    run(tasks.remove(chosen).body); // all are held up: this is a drain
    return true;
  }

  private void run(Runnable body) {
    boolean nested = running;
    running = true;
    try {
      body.run();
    } finally {
      running = nested;
    }
  }

  /** Takes a task back that did not begin. */
  void cancel(Runnable body) {
    tasks.removeIf(task -> task.body == body);
  }

  /** It is not asked any more before it has a task. */
  void idle() {
    busy = false;
  }

  boolean running() {
    return running;
  }

  void drop() {
    dropped = true;
    tasks.clear();
  }

  boolean dropped() {
    return dropped;
  }
}
