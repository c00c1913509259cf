package dev.weir.service.app;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Timer;
import dev.weir.service.core.fair.FairExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Every thread of the service outside Netty, by role; docs/threading.md has their table.
 * Thread-safe.
 */
final class Pools {
  /** Tasks of one partition that can wait for its writer: a step and the end of an append. */
  private static final int TASKS_PER_PARTITION = 2;

  private static final int PARTITIONS_PER_TOPIC_MAX = 64;

  /** Tasks of the system partition that can wait: a step and the end of an append. */
  private static final int SYSTEM_TASKS = 4;

  /** So many callers at least share the tasks that may wait for a pool. */
  private static final int CALLERS_LEAST = 8;

  /** One, and one more for when that one hangs in a sync. */
  private static final int MARK_THREADS = 2;

  private final List<ExecutorService> all = new ArrayList<>();
  private final List<ExecutorService> writers = new ArrayList<>();
  private final List<ExecutorService> views = new ArrayList<>();
  private final FairExecutor control;
  private final FairExecutor topics;
  private final ExecutorService catchUp;
  private final ExecutorService sync;
  private final ExecutorService marks;
  private final ExecutorService background;
  private final ExecutorService system;
  private final ScheduledExecutorService ticker;

  Pools(Limits limits) {
    int partitionTasks =
        (int)
            Math.min(
                Integer.MAX_VALUE,
                limits.get(Limit.TOPICS_MAX) * PARTITIONS_PER_TOPIC_MAX * TASKS_PER_PARTITION);
    for (int i = 0; i < limits.getInt(Limit.WRITER_THREADS); i++) {
      writers.add(pool("weir-writer-" + i, 1, partitionTasks));
    }
    for (int i = 0; i < limits.getInt(Limit.VIEW_THREADS); i++) {
      views.add(pool("weir-view-" + i, 1, partitionTasks));
    }
    int controlThreads = limits.getInt(Limit.CONTROL_THREADS);
    control =
        fair(
            pool("weir-control", controlThreads, controlThreads),
            controlThreads,
            limits.getInt(Limit.CONTROL_QUEUE_TASKS));
    topics = fair(pool("weir-topics", 1, 1), 1, limits.getInt(Limit.SYSTEM_QUEUE_EVENTS));
    catchUp =
        pool(
            "weir-catchup",
            limits.getInt(Limit.CATCHUP_THREADS),
            limits.getInt(Limit.CATCHUP_QUEUE_TASKS));
    sync = pool("weir-sync", limits.getInt(Limit.SYNC_THREADS), partitionTasks);
    marks = pool("weir-marks", MARK_THREADS, 1);
    background = pool("weir-background", 1, partitionTasks);
    system = pool("weir-system", 1, SYSTEM_TASKS);
    ticker = scheduled("weir-ticker");
  }

  /** Threads whose work is done in turns; one caller may have an eighth of what waits. */
  private static FairExecutor fair(ExecutorService threads, int count, int tasksMax) {
    return new FairExecutor(threads, count, tasksMax, Math.max(1, tasksMax / CALLERS_LEAST));
  }

  private ExecutorService pool(String name, int threads, int queueTasks) {
    var queue =
        queueTasks > 100_000
            ? new LinkedBlockingQueue<Runnable>(queueTasks) // no array for what is rarely there
            : new ArrayBlockingQueue<Runnable>(queueTasks);
    var pool =
        new ThreadPoolExecutor(
            threads, threads, 0, TimeUnit.SECONDS, queue, named(name, threads > 1));
    all.add(pool);
    return pool;
  }

  /** One more thread that runs tasks in order and after delays. */
  ScheduledExecutorService scheduled(String name) {
    var scheduled = new ScheduledThreadPoolExecutor(1, named(name, false));
    scheduled.setRemoveOnCancelPolicy(true);
    scheduled.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    all.add(scheduled);
    return scheduled;
  }

  static ThreadFactory named(String name, boolean numbered) {
    AtomicInteger made = new AtomicInteger();
    return task -> {
      // Netty recycles its objects only on threads of its own kind.
      Thread thread =
          new FastThreadLocalThread(task, numbered ? name + "-" + made.getAndIncrement() : name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /** The writer thread of the n-th partition. */
  ExecutorService writer(int partition) {
    return writers.get(Math.floorMod(partition, writers.size()));
  }

  /**
   * The view thread of the n-th partition; their count may overflow, as nobody counts them back.
   */
  ExecutorService view(int partition) {
    return views.get(Math.floorMod(partition, views.size()));
  }

  FairExecutor control() {
    return control;
  }

  /** The thread that creates, changes and deletes topics. */
  FairExecutor topics() {
    return topics;
  }

  ExecutorService catchUp() {
    return catchUp;
  }

  ExecutorService sync() {
    return sync;
  }

  /**
   * Has a task run that writes watermarks, beside one that may hang; not at all where enough are at
   * it. Any thread; never blocks.
   */
  void mark(Runnable task) {
    try {
      marks.execute(task);
    } catch (RejectedExecutionException hanging) {
      // The next tick tries again; at the end of the process closing does it.
    }
  }

  ExecutorService background() {
    return background;
  }

  /** The thread of the system partition. */
  ExecutorService system() {
    return system;
  }

  ScheduledExecutorService ticker() {
    return ticker;
  }

  /** Ends waiting, on the ticker's thread. */
  Timer timer() {
    return (delayNanos, task) -> {
      ScheduledFuture<?> scheduled = ticker.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
      return () -> scheduled.cancel(false);
    };
  }

  /** Lets running tasks finish, drops the others. Blocks for at most five seconds a pool. */
  void close() {
    for (ExecutorService pool : all) {
      pool.shutdownNow();
    }
    for (ExecutorService pool : all) {
      try {
        if (!pool.awaitTermination(5, TimeUnit.SECONDS)) {
          return;
        }
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
