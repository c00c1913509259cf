package dev.weir.cli.shell;

import java.time.Instant;

/** This process's clocks and threads; nothing else in the command makes any. Thread-safe. */
public final class Machine {
  private Machine() {}

  /** The wall clock, Unix nanoseconds. */
  public static long epochNanos() {
    Instant now = Instant.now();
    return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
  }

  /** A clock that never jumps, in nanoseconds since some moment. */
  public static long elapsedNanos() {
    return System.nanoTime();
  }

  /** Starts a daemon thread. */
  public static Thread start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Runs something when the process is asked to end; it may take as long as it takes. */
  public static void onShutdown(Runnable work) {
    Runtime.getRuntime().addShutdownHook(new Thread(work, "weir-shutdown"));
  }

  /** Ends the process at once, from wherever it is. */
  public static void halt(int exitCode) {
    Runtime.getRuntime().halt(exitCode);
  }
}
