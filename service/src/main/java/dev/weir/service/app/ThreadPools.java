package dev.weir.service.app;

import dev.weir.service.app.end.ProcessTerminator;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Timer;
import dev.weir.service.core.fair.FairExecutor;
import dev.weir.service.session.CatchUpPool;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every thread of the service outside Netty, by role; docs/threading.md has their table.
 * Thread-safe.
 */
final class ThreadPools {
  private static final Logger logger = LoggerFactory.getLogger(ThreadPools.class);

  /** Tasks of one partition that can wait for its writer: a step and the end of an append. */
  private static final int TASKS_PER_PARTITION = 2;

  private static final int PARTITIONS_PER_TOPIC_MAX = 64;

  /**
   * Tasks that can wait for a view thread: a step of each partition's last values and of each
   * partition of a view, and one for each subscription and partition that joins a view. All of
   * these are bounded by budgets, and one that was refused would never go on.
   */
  private static final int VIEW_TASKS = Integer.MAX_VALUE;

  /** Lines that can wait for the log. */
  private static final int WORDS_MAX = 16;

  /** Tasks of the system partition that can wait: a step and the end of an append. */
  private static final int SYSTEM_TASKS = 4;

  /** So many callers at least share the tasks that may wait for a pool. */
  private static final int CALLERS_LEAST = 8;

  /** One, and one more for when that one hangs in a sync. */
  private static final int MARK_THREADS = 2;

  /** The time that closing waits for tasks that run, all pools together. */
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private static final Pattern PROMPT = Pattern.compile("weir-(writer|view)-\\d+|weir-ticker");

  private final ProcessTerminator end;
  private final Map<String, Executor> byName = new ConcurrentHashMap<>();
  private final Map<Long, ServiceThread> alive = new ConcurrentHashMap<>();
  private final List<ThreadPoolExecutor> all = new ArrayList<>();
  private final List<ExecutorService> writers = new ArrayList<>();
  private final List<ExecutorService> views = new ArrayList<>();
  private final FairExecutor control;
  private final FairExecutor topics;
  private final CatchUpPool.Threads catchUp;
  private final CatchUpPool.Threads recent;
  private final ExecutorService sync;
  private final ExecutorService marks;
  private final ExecutorService background;
  private final int backgroundThreads;
  private final ExecutorService words;
  private final ExecutorService system;
  private final ScheduledExecutorService ticker;
  private volatile boolean closing;

  /**
   * Makes all of them, with all their threads: later there may be none to be had.
   *
   * @param end hears of Errors, of threads that end, and of what threads threw that own something
   */
  ThreadPools(Limits limits, ProcessTerminator end) {
    this.end = end;
    int partitionTasks =
        (int)
            Math.min(
                Integer.MAX_VALUE,
                limits.get(Limit.TOPICS_MAX) * PARTITIONS_PER_TOPIC_MAX * TASKS_PER_PARTITION);
    for (int i = 0; i < limits.getInt(Limit.WRITER_THREADS); i++) {
      writers.add(pool("weir-writer-" + i, 1, partitionTasks));
    }
    for (int i = 0; i < limits.getInt(Limit.VIEW_THREADS); i++) {
      views.add(pool("weir-view-" + i, 1, VIEW_TASKS));
    }
    int controlThreads = limits.getInt(Limit.CONTROL_THREADS);
    control =
        fair(
            pool("weir-control", controlThreads, controlThreads, false),
            controlThreads,
            limits.getInt(Limit.CONTROL_QUEUE_TASKS),
            ThreadPools::costNanos);
    topics =
        fair(
            pool("weir-topics", 1, 1, false),
            1,
            limits.getInt(Limit.SYSTEM_QUEUE_EVENTS),
            System::nanoTime);
    catchUp = inTurns("weir-catchup", limits.getInt(Limit.CATCHUP_THREADS));
    recent = inTurns("weir-recent", limits.getInt(Limit.RECENT_THREADS));
    sync = pool("weir-sync", limits.getInt(Limit.SYNC_THREADS), partitionTasks);
    marks = pool("weir-marks", MARK_THREADS, 1);
    backgroundThreads = limits.getInt(Limit.BACKGROUND_THREADS);
    background = pool("weir-background", backgroundThreads, partitionTasks);
    words = pool("weir-words", 1, WORDS_MAX, false);
    system = pool("weir-system", 1, SYSTEM_TASKS);
    ticker = scheduled("weir-ticker");
  }

  /**
   * A clock for the cost of control work: three fourths of the thread's processor time, as a caller
   * does not pay for what others took meanwhile, and a fourth of all time, as some waits for disks.
   */
  private static long costNanos() {
    return threads.getCurrentThreadCpuTime() / 4 * 3 + System.nanoTime() / 4;
  }

  /**
   * Threads whose work is done in turns; one caller may have an eighth of what waits.
   *
   * @param costNanos a clock of what work costs, read on its thread
   */
  private static FairExecutor fair(
      ExecutorService threads, int count, int tasksMax, LongSupplier costNanos) {
    int tasksPerTurnMax = Math.max(1, tasksMax / CALLERS_LEAST);
    return new FairExecutor(threads, count, tasksMax, tasksPerTurnMax, costNanos);
  }

  /** Threads to which tasks come when they are free. */
  private CatchUpPool.Threads inTurns(String name, int threads) {
    return new CatchUpPool.Threads(pool(name, threads, threads, false), threads);
  }

  /** Threads that own something: what one of them throws has cut its work short. */
  private ExecutorService pool(String name, int threads, int queueTasks) {
    return pool(name, threads, queueTasks, true);
  }

  /**
   * @param owners whether an exception ends the process, and not the session alone whose task it is
   */
  private ExecutorService pool(String name, int threads, int queueTasks, boolean owners) {
    var queue =
        queueTasks > 100_000
            ? new LinkedBlockingQueue<Runnable>(queueTasks) // no array for what is rarely there
            : new ArrayBlockingQueue<Runnable>(queueTasks);
    var made =
        new ThreadPoolExecutor(
            threads, threads, 0, TimeUnit.SECONDS, queue, factory(name, threads > 1)) {
          @Override
          protected void beforeExecute(Thread thread, Runnable task) {
            ((ServiceThread) thread).turn();
          }

          @Override
          protected void afterExecute(Runnable task, Throwable thrown) {
            ((ServiceThread) Thread.currentThread()).turn();
            if (thrown != null) {
              failed(thrown, owners);
            }
          }
        };
    byName.put(name, made);
    return started(made);
  }

  private <P extends ThreadPoolExecutor> P started(P pool) {
    all.add(pool);
    pool.prestartAllCoreThreads();
    return pool;
  }

  private void failed(Throwable thrown, boolean owner) {
    end.thrown(thrown);
    if (owner && !closing) {
      end.died(Thread.currentThread(), thrown);
    }
  }

  /** One more thread that runs tasks in order and after delays. */
  ScheduledExecutorService scheduled(String name) {
    var scheduled =
        new ScheduledThreadPoolExecutor(1, factory(name, false)) {
          @Override
          protected void beforeExecute(Thread thread, Runnable task) {
            ((ServiceThread) thread).turn();
          }

          @Override
          protected void afterExecute(Runnable task, Throwable thrown) {
            ((ServiceThread) Thread.currentThread()).turn();
            Throwable why = thrown == null ? ofFuture(task) : thrown;
            if (why != null) {
              failed(why, true); // one that is repeated would not be run again, silently
            }
          }
        };
    scheduled.setRemoveOnCancelPolicy(true);
    scheduled.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    byName.put(name, scheduled);
    return started(scheduled);
  }

  /** What a task threw that keeps it to itself; null if nothing. */
  private static Throwable ofFuture(Runnable task) {
    if (!(task instanceof Future<?> future) || !future.isDone() || future.isCancelled()) {
      return null;
    }
    try {
      future.get();
      return null;
    } catch (ExecutionException failed) {
      return failed.getCause();
    } catch (CancellationException | InterruptedException ended) {
      return null; // it is done: nobody waits here, and the pool clears the interrupt
    }
  }

  private ThreadFactory factory(String name, boolean numbered) {
    return factory(name, numbered, this::ended);
  }

  /** A pool replaces a thread whose task threw; that was looked at where it was thrown. */
  private void ended(ServiceThread thread, Throwable thrown) {
    if (thrown != null) {
      end.thrown(thrown);
    }
  }

  /**
   * Makes threads of the service.
   *
   * @param ended hears of the end of each, and of what it threw; on that thread
   */
  ThreadFactory factory(String name, boolean numbered, BiConsumer<ServiceThread, Throwable> ended) {
    AtomicInteger made = new AtomicInteger();
    return task -> {
      ServiceThread thread =
          new ServiceThread(
              task,
              numbered ? name + "-" + made.getAndIncrement() : name,
              (ending, thrown) -> {
                alive.remove(ending.getId());
                ended.accept(ending, thrown);
              });
      alive.put(thread.getId(), thread);
      return thread;
    };
  }

  /** A pool by the name of its threads without their number; null for none. */
  Executor named(String name) {
    Executor pool = byName.get(name);
    return pool == null ? byName.get(name + "-0") : pool;
  }

  /** The living thread of an id; null for one that is not the service's. */
  ServiceThread thread(long id) {
    return alive.get(id);
  }

  /** All threads of the service that have not ended. */
  Collection<ServiceThread> living() {
    return alive.values();
  }

  /** Threads that must always answer soon: writers, views and the ticker. */
  List<ServiceThread> prompt() {
    return alive.values().stream()
        .filter(thread -> PROMPT.matcher(thread.getName()).matches())
        .toList();
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

  CatchUpPool.Threads catchUp() {
    return catchUp;
  }

  /** The threads that read recent records only. */
  CatchUpPool.Threads recent() {
    return recent;
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

  /** The threads for what blocks on disk and nobody waits for, in no order. */
  ExecutorService background() {
    return background;
  }

  /**
   * Runs tasks on the caller's thread and those background threads that are free, and blocks until
   * they have ended; throws what one threw.
   */
  void sideBySide(List<Runnable> tasks) {
    ParallelTaskRun.run(tasks, background, backgroundThreads);
  }

  /**
   * Writes lines to the log that may hang, some at a time; drops those for which it has no room.
   */
  Executor words() {
    return task -> {
      try {
        words.execute(task);
      } catch (RejectedExecutionException hanging) {
        // The log hangs, and earlier lines wait for it.
      }
    };
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

  private String namesOf(ExecutorService pool) {
    return byName.entrySet().stream()
        .filter(named -> named.getValue() == pool)
        .map(Map.Entry::getKey)
        .collect(Collectors.joining(", "));
  }

  /** Lets running tasks finish, drops the others. Blocks for at most five seconds. */
  void close() {
    closing = true;
    for (ExecutorService pool : all) {
      pool.shutdownNow();
    }
    long until = System.nanoTime() + CLOSE_NANOS;
    try {
      for (ExecutorService pool : all) {
        if (!pool.awaitTermination(until - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          logger.warn(
              "The threads {} still run 5 s after the stop, perhaps because a disk hangs. The process"
                  + " ends without them.",
              namesOf(pool));
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
