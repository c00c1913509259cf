package dev.weir.bench;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.KeyValues;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process of {@code dev.weir.bench.load}, or another program, seen from the runner: commands go
 * in, one line comes back. Owned by the runner's thread; a thread of its own only reads lines into
 * a bounded queue.
 */
public final class BenchProcess implements AutoCloseable {
  private static final long ANSWER_SECONDS = 90;
  private static final long EXIT_SECONDS = 20;
  private static final int LINES_MAX = 16;
  private static final String END = "";

  private final String name;
  private final Process process;
  private final BufferedWriter in;
  private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(LINES_MAX);

  private BenchProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    BenchRuntime.start(name + "-lines", this::readLines);
  }

  /** Starts a class of this program with JVM options and arguments; its stderr is ours. */
  public static BenchProcess start(
      String name, Class<?> main, List<String> jvm, KeyValues arguments) throws BenchFailure {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments.words()));
    return start(name, command, Map.of());
  }

  /** Starts any program with additions to its environment; its stderr is ours. */
  static BenchProcess start(String name, List<String> command, Map<String, String> environment)
      throws BenchFailure {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    try {
      return new BenchProcess(name, builder.start());
    } catch (IOException e) {
      throw new BenchFailure(name + " did not start", e);
    }
  }

  private Void readLines() throws Exception {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.put(line);
      }
    } finally {
      lines.put(END);
    }
    return null;
  }

  /** Sends a command without waiting. */
  public void tell(String command) throws BenchFailure {
    try {
      in.write(command);
      in.newLine();
      in.flush();
    } catch (IOException e) {
      throw new BenchFailure(name + " is gone", e);
    }
  }

  /** Returns the next answer; the first one reports that the process is ready. */
  public KeyValues answer() throws BenchFailure, InterruptedException {
    return KeyValues.parse(line().split(" ", -1));
  }

  /** Returns the next line of its output. */
  public String line() throws BenchFailure, InterruptedException {
    String line = lines.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
    if (line == null) {
      throw new BenchFailure(name + " did not answer within " + ANSWER_SECONDS + " s");
    }
    if (line.equals(END)) {
      throw new BenchFailure(name + " ended; what it said is above");
    }
    return line;
  }

  /** Sends a command and waits for its answer. */
  public KeyValues ask(String command) throws BenchFailure, InterruptedException {
    tell(command);
    return answer();
  }

  /** Returns its work and its use of resources so far. */
  public ProcessCounters mark() throws BenchFailure, InterruptedException {
    return ProcessCounters.of(ask("mark"));
  }

  /** Its id in the operating system. */
  public long pid() {
    return process.pid();
  }

  /** SIGSTOP: it stands still, with its connections open, until {@link #resume}. */
  public void pause() throws BenchFailure, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT; harmless where it is not paused. */
  public void resume() throws BenchFailure, InterruptedException {
    signal("CONT");
  }

  /** SIGKILL: it ends at once and tidies nothing up. Returns when it has. */
  public void kill() throws BenchFailure, InterruptedException {
    signal("KILL");
    if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
      throw new BenchFailure(name + " did not die within " + EXIT_SECONDS + " s");
    }
  }

  private void signal(String signal) throws BenchFailure, InterruptedException {
    String command = "kill -" + signal + " " + process.pid();
    try {
      if (new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor() != 0) {
        throw new BenchFailure(name + ": " + command + " failed");
      }
    } catch (IOException e) {
      throw new BenchFailure(name + ": " + command + " failed", e);
    }
  }

  /** Ends the process: asks, waits, then forces. */
  @Override
  public void close() throws BenchFailure {
    try {
      if (process.isAlive()) {
        tell("exit");
      }
      if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
        throw new BenchFailure(name + " did not exit within " + EXIT_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchFailure("interrupted while " + name + " was to end", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
