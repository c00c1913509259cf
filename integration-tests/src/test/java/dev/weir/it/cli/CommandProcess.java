package dev.weir.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One {@code weir} command, or another program, in a process of its own. Thread-safe; ended by the
 * test that started it.
 */
final class CommandProcess implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private final List<String> arguments;
  private final Process process;
  private final Lines out;
  private final Lines err;

  private CommandProcess(List<String> arguments, Process process) {
    this.arguments = arguments;
    this.process = process;
    this.out = new Lines(process.getInputStream());
    this.err = new Lines(process.getErrorStream());
  }

  /** Starts {@code weir} with these arguments. */
  static CommandProcess start(Object... arguments) throws IOException {
    return java(System.getProperty("java.class.path"), "dev.weir.cli.WeirCommand", arguments);
  }

  /** Starts another program. */
  static CommandProcess java(String classPath, String main, Object... arguments)
      throws IOException {
    List<String> words = new ArrayList<>();
    for (Object argument : arguments) {
      words.add(argument.toString());
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", classPath, main));
    command.addAll(words);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("WEIR_SERVER");
    return new CommandProcess(words, builder.start());
  }

  /** Starts a server and waits until it is ready. */
  static CommandProcess server(Path data, int port) throws IOException {
    CommandProcess server = start("serve", "--data", data, "--port", port);
    server.awaitLine("weir ready ");
    return server;
  }

  /** Returns the address of a server, from its first line. */
  String address() {
    return out.now().get(0).replaceFirst("^weir ready grpc=(\\S+) .*$", "$1");
  }

  int port() {
    String address = address();
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /** Waits for a line of results that begins like this, and gives it. */
  String awaitLine(String beginning) {
    await("a line beginning \"" + beginning + "\" from " + this)
        .atMost(PATIENCE)
        .until(() -> !process.isAlive() || line(beginning) != null);
    assertThat(line(beginning)).as(() -> "a line beginning " + beginning + ": " + this).isNotNull();
    return line(beginning);
  }

  /** Waits for a line for people that begins like this. */
  void awaitErr(String beginning) {
    await("a line beginning \"" + beginning + "\" for people from " + this)
        .atMost(PATIENCE)
        .until(() -> err.now().stream().anyMatch(line -> line.startsWith(beginning)));
  }

  /** The same, of one that contains this. */
  void awaitErrWith(String part) {
    await("a line with \"" + part + "\" for people from " + this)
        .atMost(PATIENCE)
        .until(() -> err.now().stream().anyMatch(line -> line.contains(part)));
  }

  private String line(String beginning) {
    return out.now().stream().filter(line -> line.startsWith(beginning)).findFirst().orElse(null);
  }

  /** Waits until so many lines of results have come. */
  void awaitLines(int count) {
    await(count + " lines from " + this).atMost(PATIENCE).until(() -> out.size() >= count);
  }

  /** Writes to its standard input. */
  void write(String text) throws IOException {
    OutputStream in = process.getOutputStream();
    in.write(text.getBytes(StandardCharsets.UTF_8));
    in.flush();
  }

  void closeInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Asks it to end, as an operator or a container does; its streams stay open. */
  void terminate() {
    process.toHandle().destroy();
  }

  /** SIGKILL; returns when it is gone. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** Waits for its end and gives the exit code; all its lines are there then. */
  int awaitExit() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .as(() -> "an end of " + this)
        .isTrue();
    out.awaitEnd();
    err.awaitEnd();
    return process.exitValue();
  }

  List<String> out() {
    return out.now();
  }

  String err() {
    return String.join("\n", err.now());
  }

  /** Processes that it started and that are still alive. */
  List<ProcessHandle> children() {
    return process.descendants().toList();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  @Override
  public String toString() {
    List<String> lines = out.now();
    return "weir "
        + String.join(" ", arguments)
        + "\nstandard output ("
        + lines.size()
        + " lines):\n"
        + String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()))
        + "\nstandard error:\n"
        + err();
  }

  /** The lines of a stream so far, read by a thread of its own. */
  private static final class Lines {
    private final List<String> lines = new ArrayList<>(); // guarded by itself
    private final Thread reader;

    Lines(InputStream from) {
      reader = new Thread(() -> read(from), "weir-process-lines");
      reader.setDaemon(true);
      reader.start();
    }

    private void read(InputStream from) {
      try (var reading = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
        for (String line = reading.readLine(); line != null; line = reading.readLine()) {
          synchronized (lines) {
            lines.add(line);
          }
        }
      } catch (IOException e) {
        synchronized (lines) {
          lines.add("(cannot be read any more: " + e + ")");
        }
      }
    }

    List<String> now() {
      synchronized (lines) {
        return List.copyOf(lines);
      }
    }

    int size() {
      synchronized (lines) {
        return lines.size();
      }
    }

    void awaitEnd() throws InterruptedException {
      reader.join(PATIENCE.toMillis());
    }
  }
}
