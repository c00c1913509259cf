package dev.weir.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.it.process.ProcessLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A Java program in a process of its own, with the class path of the test that started it and ends
 * it. What it prints goes to files. Thread-safe.
 */
final class JavaProcess implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long BYTES_PER_KIB = 1_024;
  private static final int SHOWN_CHARS = 2_000;

  private final Process process;
  private final Path out;
  private final Path err;

  private JavaProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts a main class with JVM options; its output goes to files of that name. */
  static JavaProcess start(Path dir, String name, List<String> jvm, String main, Object... args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    for (Object arg : args) {
      command.add(arg.toString());
    }
    Path out = dir.resolve(name + ".out");
    Path err = dir.resolve(name + ".err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new JavaProcess(process, out, err);
  }

  /** Starts {@code weir serve} and waits until it is ready. */
  static JavaProcess server(Path dir, List<String> jvm, Object... args) throws IOException {
    List<Object> words = new ArrayList<>(List.of("serve", "--data", dir.resolve("data")));
    words.addAll(List.of("--port", 0));
    words.addAll(List.of(args));
    JavaProcess server = start(dir, "server", jvm, "dev.weir.cli.WeirCommand", words.toArray());
    server.awaitLine("weir ready ");
    return server;
  }

  /** Returns the address of a server, from its first line. */
  String address() {
    return lines().get(0).replaceFirst("^weir ready grpc=(\\S+) .*$", "$1");
  }

  /** Waits for a line that begins like this. */
  void awaitLine(String beginning) {
    await("a line beginning \"" + beginning + "\" from " + this)
        .atMost(PATIENCE)
        .until(() -> !isAlive() || last(beginning).isPresent());
    assertThat(last(beginning)).as(() -> "line " + beginning + ": " + this).isPresent();
  }

  /** The rest of its last line that begins like this. */
  Optional<String> last(String beginning) {
    return lines().stream()
        .filter(line -> line.startsWith(beginning))
        .reduce((first, second) -> second)
        .map(line -> line.substring(beginning.length()));
  }

  private List<String> lines() {
    String text = read(out);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  /** Returns everything it printed. */
  String text() {
    return read(out) + read(err);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGSTOP; returns when the process stands still. */
  void pause() throws IOException, InterruptedException {
    signal("STOP");
    await("the process stands still").until(() -> status("State:").startsWith("T"));
  }

  /** SIGCONT. */
  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).inheritIO().start();
    assertThat(ProcessLimits.exitCode(kill)).isZero();
  }

  /** The most memory it ever had resident. */
  long residentBytesMax() throws IOException {
    return Long.parseLong(status("VmHWM:").replace(" kB", "")) * BYTES_PER_KIB;
  }

  private String status(String field) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
        .filter(line -> line.startsWith(field))
        .map(line -> line.substring(field.length()).trim())
        .findFirst()
        .orElseThrow();
  }

  /** SIGKILL; returns when it is gone. */
  @Override
  public void close() {
    ProcessLimits.kill(process);
  }

  @Override
  public String toString() {
    String printed = read(out);
    String end = printed.substring(Math.max(0, printed.length() - SHOWN_CHARS));
    return out.getFileName() + ":\n" + end + "\n" + read(err);
  }
}
