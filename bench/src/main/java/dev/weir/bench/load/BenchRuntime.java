package dev.weir.bench.load;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** The owner of threads, clock and meters of a bench process. Stateless, thread-safe. */
public final class BenchRuntime {
  private BenchRuntime() {}

  /** Starts a daemon thread; its result or its exception is the future's. */
  public static <T> FutureTask<T> start(String name, Callable<T> body) {
    FutureTask<T> task = new FutureTask<>(body);
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  /** Waits. */
  public static void pause(Duration time) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }

  /**
   * Returns the usage of this process so far: {@code nanos} of its own clock, CPU, collector,
   * compilers.
   */
  static KeyValues usage() {
    long gcMillis = 0;
    long gcCount = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      gcMillis += collector.getCollectionTime();
      gcCount += collector.getCollectionCount();
    }
    Duration cpu = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    return KeyValues.none()
        .with("nanos", System.nanoTime())
        .with("cpu_millis", cpu.toMillis())
        .with("gc_millis", gcMillis)
        .with("gc_count", gcCount)
        .with("compile_millis", ManagementFactory.getCompilationMXBean().getTotalCompilationTime());
  }
}
