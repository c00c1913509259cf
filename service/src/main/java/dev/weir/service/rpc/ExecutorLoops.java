package dev.weir.service.rpc;

import dev.weir.common.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Event loops for transports without any, such as in-process: calls are assigned in turn, and their
 * callbacks posted. Thread-safe.
 */
public final class ExecutorLoops implements Loops {
  private static final Logger logger = LoggerFactory.getLogger(ExecutorLoops.class);

  private final List<Wrapped> loops = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();

  /**
   * Wraps executors.
   *
   * @param executors with one thread each
   */
  public ExecutorLoops(List<ScheduledExecutorService> executors) {
    executors.forEach(executor -> loops.add(new Wrapped(executor)));
  }

  @Override
  public Loop current() {
    return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
  }

  @Override
  public boolean carryCallbacks() {
    return false; // some come while the loop is in the middle of another one
  }

  private static final class Wrapped implements Loop {
    private final ScheduledExecutorService executor;
    private volatile Thread thread;

    Wrapped(ScheduledExecutorService executor) {
      this.executor = executor;
      executor.execute(() -> thread = Thread.currentThread());
    }

    @Override
    public boolean inLoop() {
      return Thread.currentThread() == thread;
    }

    @Override
    public void post(Runnable task) {
      if (!executor.isShutdown()) {
        executor.execute(() -> run(task));
      }
    }

    /** An executor would keep what a task throws to itself. */
    private static void run(Runnable task) {
      try {
        task.run();
      } catch (RuntimeException defect) {
        logger.error(
            "A task of an event loop failed. This is a defect; report it with the stack.", defect);
      }
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
      ScheduledFuture<?> scheduled =
          executor.schedule(() -> run(task), delayNanos, TimeUnit.NANOSECONDS);
      return () -> scheduled.cancel(false);
    }
  }
}
