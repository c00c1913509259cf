package dev.weir.service.app;

import dev.weir.common.OwnedBy;
import dev.weir.service.app.end.ProcessTerminator;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches threads that others depend on: one that does not answer for {@code watchdog_warn_ms} is
 * told with its stack, and for {@code watchdog_end_ms} ends the process. Owned by the watcher, a
 * thread of its own.
 */
@OwnedBy("watcher")
final class ThreadWatchdog implements Runnable {
  private static final Logger logger = LoggerFactory.getLogger(ThreadWatchdog.class);
  private static final long INTERVAL_MILLIS_MAX = 1_000;

  private final long intervalMillis;
  private final LongSupplier clock;
  private final Predicate<ServiceThread> waitsForFile;
  private final Consumer<Boolean> health;
  private final ProcessTerminator end;
  private final Executor words;
  private final List<Watched> all = new ArrayList<>();
  private final Limits limits;
  private long lastNanos;

  /**
   * What a watch is made with. Immutable.
   *
   * @param words logs, elsewhere; drops what it has no room for
   */
  record Setting(
      Limits limits,
      LongSupplier clock,
      Predicate<ServiceThread> waitsForFile,
      Consumer<Boolean> health,
      ProcessTerminator end,
      Executor words) {}

  /** A watch of nothing yet; see {@link #threads} and {@link #loops}. */
  ThreadWatchdog(Setting setting) {
    limits = setting.limits();
    clock = setting.clock();
    waitsForFile = setting.waitsForFile();
    health = setting.health();
    end = setting.end();
    words = setting.words();
    intervalMillis = Math.min(INTERVAL_MILLIS_MAX, limits.get(Limit.WATCHDOG_WARN_MS) / 4);
    lastNanos = clock.getAsLong();
  }

  /** One thread, and what is known of it. */
  private abstract static class Watched {
    private final ThreadStallRule rule;
    private ThreadStallRule.Verdict verdict = ThreadStallRule.Verdict.WELL;

    Watched(ThreadStallRule rule) {
      this.rule = rule;
    }

    /** Null before it has answered for the first time. */
    abstract ServiceThread thread();

    abstract boolean busy();

    abstract long sign();

    /** The look is over. */
    void ask() {}
  }

  private static final class PoolThread extends Watched {
    private final ServiceThread thread;

    PoolThread(ThreadStallRule rule, ServiceThread thread) {
      super(rule);
      this.thread = thread;
    }

    @Override
    ServiceThread thread() {
      return thread;
    }

    @Override
    boolean busy() {
      return thread.isAlive() && thread.turns() % 2 == 1;
    }

    @Override
    long sign() {
      return thread.turns();
    }
  }

  private static final class LoopThread extends Watched {
    private final EventExecutor loop;
    private volatile ServiceThread thread;
    private volatile boolean asked;
    private volatile long answers;

    LoopThread(ThreadStallRule rule, EventExecutor loop) {
      super(rule);
      this.loop = loop;
    }

    @Override
    ServiceThread thread() {
      return thread;
    }

    @Override
    boolean busy() {
      return asked;
    }

    @Override
    long sign() {
      return answers;
    }

    @Override
    void ask() {
      if (asked) {
        return;
      }
      asked = true;
      try {
        loop.execute(this::answer);
      } catch (RejectedExecutionException ended) {
        asked = false; // it ends with its server
      }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes it
    private void answer() {
      thread = (ServiceThread) Thread.currentThread();
      answers = answers + 1;
      asked = false;
    }
  }

  private ThreadStallRule rule() {
    return new ThreadStallRule(
        TimeUnit.MILLISECONDS.toNanos(intervalMillis),
        TimeUnit.MILLISECONDS.toNanos(limits.get(Limit.WATCHDOG_WARN_MS)),
        TimeUnit.MILLISECONDS.toNanos(limits.get(Limit.WATCHDOG_END_MS)));
  }

  /** Watches threads of pools too. */
  ThreadWatchdog threads(Iterable<ServiceThread> threads) {
    threads.forEach(thread -> all.add(new PoolThread(rule(), thread)));
    return this;
  }

  /** Watches event loops too. */
  ThreadWatchdog loops(Iterable<EventExecutor> loops) {
    for (EventExecutor loop : loops) {
      LoopThread watched = new LoopThread(rule(), loop);
      watched.ask();
      all.add(watched);
    }
    return this;
  }

  long intervalMillis() {
    return intervalMillis;
  }

  @Override
  public void run() {
    long now = clock.getAsLong();
    long elapsed = now - lastNanos;
    lastNanos = now;
    boolean well = true;
    List<Watched> changed = new ArrayList<>();
    for (Watched one : all) {
      if (look(one, now, elapsed)) {
        changed.add(one);
      }
      well &= one.verdict == ThreadStallRule.Verdict.WELL;
      one.ask();
    }
    health.accept(well);
    // the process ends before anything is logged: what a thread hangs in may be the log
    changed.stream()
        .filter(one -> one.verdict == ThreadStallRule.Verdict.END)
        .forEach(one -> end.hung(name(one)));
    if (!changed.isEmpty()) {
      words.execute(() -> changed.forEach(this::tell));
    }
  }

  /** Returns whether its verdict has changed. */
  private boolean look(Watched one, long now, long elapsed) {
    ServiceThread thread = one.thread();
    boolean busy = one.busy();
    boolean waiting =
        busy && thread != null && one.rule.stalledNanos() > 0 && waitsForFile.test(thread);
    long fileNanos = thread == null ? 0 : thread.fileNanos(now);
    ThreadStallRule.Verdict before = one.verdict;
    one.verdict =
        one.rule.next(
            elapsed, new ThreadStallRule.Observation(busy, one.sign(), fileNanos, waiting));
    return one.verdict != before;
  }

  private static String name(Watched one) {
    ServiceThread thread = one.thread();
    return thread == null ? "weir-loop or weir-accept" : thread.getName();
  }

  private void tell(Watched one) {
    ServiceThread thread = one.thread();
    String name = name(one);
    switch (one.verdict) {
      case WELL -> logger.warn("Thread {} answers again.", name);
      case WARN ->
          logger.error(
              "Thread {} has not answered for {} ms (watchdog_warn_ms); it is at {}.",
              name,
              TimeUnit.NANOSECONDS.toMillis(one.rule.stalledNanos()),
              thread == null ? "its first task" : thread.stack());
      case END -> logger.error("Thread {} does not answer (watchdog_end_ms).", name);
    }
  }
}
