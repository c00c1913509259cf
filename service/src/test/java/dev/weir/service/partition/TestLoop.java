package dev.weir.service.partition;

import dev.weir.common.Loop;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/** An event loop with a clock of its own, run by the test. Owned by one test. */
public final class TestLoop implements Loop {
  private record Timer(long atNanos, long number, Runnable task) {}

  private final Queue<Runnable> posted = new ArrayDeque<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::atNanos).thenComparing(Timer::number));
  private long nowNanos;
  private long scheduled;
  private long posts;
  private boolean running;

  @Override
  public boolean inLoop() {
    return running;
  }

  @Override
  public void post(Runnable task) {
    posts++;
    posted.add(task);
  }

  @Override
  public Runnable schedule(long delayNanos, Runnable task) {
    Timer timer = new Timer(nowNanos + delayNanos, scheduled++, task);
    timers.add(timer);
    return () -> {
      if (!timers.remove(timer)) {
        posted.remove(timer.task()); // due, and not begun
      }
    };
  }

  /** Runs something as the loop. */
  public void run(Runnable task) {
    boolean nested = running;
    running = true;
    try {
      task.run();
    } finally {
      running = nested;
    }
  }

  /** Runs the oldest posted task; false if there is none. */
  public boolean runOne() {
    Runnable task = posted.poll();
    if (task != null) {
      run(task);
    }
    return task != null;
  }

  /** Moves the clock and makes due what is due. */
  public void advance(long nanos) {
    nowNanos += nanos;
    while (!timers.isEmpty() && timers.peek().atNanos() <= nowNanos) {
      posted.add(timers.remove().task());
    }
  }

  /** Moves the clock to the next timer; false if there is none. */
  public boolean advanceToTimer() {
    if (timers.isEmpty()) {
      return false;
    }
    advance(Math.max(0, timers.peek().atNanos() - nowNanos));
    return true;
  }

  /** Its clock. */
  public long nowNanos() {
    return nowNanos;
  }

  /** Timers that wait. */
  public int timers() {
    return timers.size();
  }

  /** Tasks posted so far. */
  public long posts() {
    return posts;
  }
}
