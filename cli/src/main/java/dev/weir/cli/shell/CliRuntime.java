package dev.weir.cli.shell;

import java.time.Instant;

/** This process's clocks and threads; nothing else in the command makes any. Thread-safe. */
public final class CliRuntime {
  private CliRuntime() {}

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

  /**
   * Runs something when the process is asked to end; it may take as long as it takes.
   *
   * @return closing it forgets the work, unless the process is ending already
   */
  public static Hook onShutdown(Runnable work) {
    Thread thread = new Thread(work, "weir-shutdown");
    Runtime.getRuntime().addShutdownHook(thread);
    return new Hook(thread);
  }

  /** Work for the end of the process. Immutable. */
  public static final class Hook implements AutoCloseable {
    private final Thread thread;

    private Hook(Thread thread) {
      this.thread = thread;
    }

    /** Idempotent. */
    @Override
    public void close() {
      try {
        Runtime.getRuntime().removeShutdownHook(thread);
      } catch (IllegalStateException e) {
        // The process is ending, and the work is done or under way: there is nothing to forget.
        return;
      }
    }
  }

  /** Ends the process at once, from wherever it is. */
  public static void halt(int exitCode) {
    Runtime.getRuntime().halt(exitCode);
  }
}
