package dev.weir.service.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Virtual time and the one thread of a simulation: of all tasks that may run next, the seed chooses
 * one. Owned by one world.
 */
final class VirtualSchedule {
  /** What a task takes at most, so that time goes on while there is something to do. */
  private static final int STEP_NANOS_MAX = 40_000;

  private record Due(long atNanos, long number, TaskQueue line, Runnable task) {}

  final Random random;
  private final List<TaskQueue> lines = new ArrayList<>();
  private final List<TaskQueue> busy = new ArrayList<>();
  private final List<TaskQueue> ready = new ArrayList<>();
  private final PriorityQueue<Due> timers =
      new PriorityQueue<>(Comparator.comparingLong(Due::atNanos).thenComparingLong(Due::number));
  private long nowNanos;
  private long scheduled;
  private long steps;
  private boolean atOnce;
  private int stallOneIn;
  private long stallNanosMax;
  private long stalls;

  VirtualSchedule(Random random) {
    this.random = random;
  }

  /** Virtual nanoseconds since the beginning; never goes back. */
  long nowNanos() {
    return nowNanos;
  }

  long steps() {
    return steps;
  }

  /** Tasks that were held up. */
  long stalls() {
    return stalls;
  }

  /** One of so many tasks is held up for up to some time; 0 for none. */
  void stall(int oneIn, long nanosMax) {
    stallOneIn = oneIn;
    stallNanosMax = nanosMax;
    if (oneIn == 0) {
      lines.forEach(TaskQueue::release);
    }
  }

  /** A new owner of tasks. */
  TaskQueue line(String name, int width) {
    TaskQueue line = new TaskQueue(this, name, width);
    lines.add(line);
    return line;
  }

  /** Nothing of an owner runs any more: its process or call is gone. */
  void drop(TaskQueue line) {
    line.drop();
    lines.remove(line);
    busy.remove(line);
  }

  /** Runs what is handed over at once, for what blocks until others have done something. */
  void atOnce(boolean runsAtOnce) {
    atOnce = runsAtOnce;
  }

  /** A line has got its first task. */
  void busy(TaskQueue line) {
    busy.add(line);
  }

  boolean atOnce() {
    return atOnce;
  }

  /** When a new task may begin. */
  long beginNanos() {
    if (stallOneIn > 0 && random.nextInt(stallOneIn) == 0) {
      stalls++;
      return nowNanos + (long) (random.nextDouble() * stallNanosMax);
    }
    return nowNanos;
  }

  /** Hands a task to a line after a delay. Returns what cancels it. */
  Runnable after(long delayNanos, TaskQueue line, Runnable task) {
    Due due = new Due(nowNanos + delayNanos, scheduled++, line, task);
    timers.add(due);
    return () -> {
      if (!timers.remove(due)) {
        line.cancel(task);
      }
    };
  }

  /** Runs one task, after some time if none may run now; false if there is none at all. */
  boolean step() {
    fire();
    ready.clear();
    long next = Long.MAX_VALUE;
    for (int i = busy.size() - 1; i >= 0; i--) {
      TaskQueue line = busy.get(i);
      long begin = line.beginNanos();
      if (begin <= nowNanos) {
        ready.add(line);
      } else if (begin == Long.MAX_VALUE) {
        busy.remove(i);
        line.idle();
      } else {
        next = Math.min(next, begin);
      }
    }
    if (ready.isEmpty()) {
      while (!timers.isEmpty() && timers.peek().line().dropped()) {
        timers.remove();
      }
      next = timers.isEmpty() ? next : Math.min(next, timers.peek().atNanos());
      if (next == Long.MAX_VALUE) {
        return false;
      }
      nowNanos = next;
      return true;
    }
    steps++;
    nowNanos += random.nextInt(STEP_NANOS_MAX);
    ready.get(random.nextInt(ready.size())).runOne();
    return true;
  }

  private void fire() {
    while (!timers.isEmpty() && timers.peek().atNanos() <= nowNanos) {
      Due due = timers.remove();
      due.line().execute(due.task());
    }
  }

  /** Runs tasks in any order until none is left but those after a delay. */
  void drain() {
    boolean any = true;
    while (any) {
      any = false;
      for (TaskQueue line : List.copyOf(lines)) {
        any |= line.runOne();
      }
    }
  }
}
