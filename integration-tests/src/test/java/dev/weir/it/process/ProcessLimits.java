package dev.weir.it.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Waits for processes that a test started. Each wait has a limit and kills a process that exceeds
 * it, so that a process that does not end fails its test and does not hold up the build. Stateless.
 */
public final class ProcessLimits {
  /** A server of the largest size starts within this time. */
  private static final Duration READY_WITHIN = Duration.ofMinutes(10);

  private static final Duration END_WITHIN = Duration.ofMinutes(1);

  private ProcessLimits() {}

  /** Gives the exit code of a short command; kills one that has not ended within a minute. */
  public static int exitCode(Process command) throws InterruptedException {
    return exitCode(command, END_WITHIN);
  }

  static int exitCode(Process command, Duration limit) throws InterruptedException {
    if (!command.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      kill(command);
      throw new AssertionError("not ended within " + limit + ", and killed: " + told(command));
    }
    return command.exitValue();
  }

  /** Sends SIGKILL to a process and returns when it is gone. */
  public static void kill(Process process) {
    process
        .destroyForcibly()
        .onExit()
        .orTimeout(END_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .join();
  }

  /**
   * Gives the first line that a process prints; null where it ends without one. A process that
   * prints nothing within ten minutes is killed, with all that it started.
   */
  public static String firstLine(Process process) throws IOException {
    return firstLine(process, READY_WITHIN);
  }

  static String firstLine(Process process, Duration limit) throws IOException {
    return read(process, limit, process.inputReader(StandardCharsets.UTF_8)::readLine);
  }

  /** Gives all that a short command prints; it is killed where it has not ended in ten minutes. */
  public static String output(Process command) throws IOException {
    InputStream out = command.getInputStream();
    return read(
        command, READY_WITHIN, () -> new String(out.readAllBytes(), StandardCharsets.UTF_8));
  }

  /** Reads what a process prints. */
  private interface Reading {
    String read() throws IOException;
  }

  private static String read(Process process, Duration limit, Reading reading) throws IOException {
    Thread killer = new Thread(() -> killAfter(process, limit), "process-limit");
    killer.setDaemon(true);
    killer.start();
    try {
      return reading.read();
    } finally {
      killer.interrupt();
    }
  }

  private static void killAfter(Process process, Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (InterruptedException printed) {
      Thread.currentThread().interrupt();
    }
  }

  private static String told(Process process) {
    return process.info().commandLine().orElse("process " + process.pid());
  }
}
