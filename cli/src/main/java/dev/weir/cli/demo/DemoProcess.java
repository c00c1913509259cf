package dev.weir.cli.demo;

import dev.weir.cli.shell.CliRuntime;
import dev.weir.cli.shell.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Another process of this program. It ends when its standard input closes, so it cannot outlive the
 * demo. Thread-safe.
 */
final class DemoProcess implements AutoCloseable {
  private static final Duration TO_START = Duration.ofSeconds(60);
  private static final Duration TO_END = Duration.ofSeconds(30);

  /** Ctrl-C goes to all processes of a terminal; the demo alone decides in which order they end. */
  private static final List<String> DEAF_TO_SIGNALS =
      List.of("sh", "-c", "trap '' INT TERM HUP; exec \"$@\"", "weir");

  /** The class archive of this process, if bin/weir gave it one. */
  private static final List<String> ARCHIVED =
      Optional.ofNullable(System.getProperty("weir.archive"))
          .map(file -> List.of("-XX:SharedArchiveFile=" + file, "-Xlog:cds=off,cds+dynamic=off"))
          .orElse(List.of());

  private final String name;
  private final Path log;
  private final Process process;
  private final DemoProcessOutput report = new DemoProcessOutput();

  private DemoProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  /**
   * Starts a process of this program.
   *
   * @param log takes its standard error
   * @param jvmOptions options of its Java
   * @param arguments its command line
   */
  static DemoProcess start(String name, Path log, List<String> jvmOptions, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(DEAF_TO_SIGNALS);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(ARCHIVED);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("dev.weir.cli.WeirCommand");
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    DemoProcess child = new DemoProcess(name, log, process);
    CliRuntime.start("demo-" + name, child::read);
    return child;
  }

  private void read() {
    String reason = "the " + name + " ended unexpectedly; what it said is in " + log;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      lines.lines().forEach(report::take);
    } catch (IOException | RuntimeException e) {
      reason = "the " + name + " cannot be understood: " + e;
    }
    report.ended(reason);
  }

  DemoProcessOutput report() {
    return report;
  }

  /**
   * Requires that the process still runs.
   *
   * @throws CommandFailure if it has ended
   */
  void requireAlive() {
    if (!process.isAlive()) {
      throw new CommandFailure("the " + name + " ended unexpectedly; what it said is in " + log);
    }
  }

  /** Waits until it reports that it is ready, and returns the line. */
  String awaitReady() throws InterruptedException {
    return await(report.ready(), TO_START, "did not start");
  }

  /** Sends it a last line, so that it ends in order, and waits for the end of its report. */
  void finish(String lastWord) throws InterruptedException {
    tell(lastWord);
    await(report.done(), TO_END, "did not finish");
  }

  private <T> T await(CompletableFuture<T> word, Duration time, String failure)
      throws InterruptedException {
    try {
      return word.get(time.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new CommandFailure(
          "the " + name + " " + failure + " in " + time.toSeconds() + " s; see " + log, e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof CommandFailure failed
          ? failed
          : new CommandFailure(e.toString(), e);
    }
  }

  /** Writes a line to its standard input. */
  private void tell(String line) {
    try {
      OutputStream in = process.getOutputStream();
      in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      in.flush();
    } catch (IOException e) {
      throw new CommandFailure("the " + name + " does not listen any more; see " + log, e);
    }
  }

  /** Closes its standard input, waits for its end, and ends it by force if it takes too long. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (process.waitFor(TO_END.toSeconds(), TimeUnit.SECONDS)) {
        return;
      }
    } catch (IOException e) {
      // Its end of the pipe is gone, so it is ending or has ended.
      process.destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
