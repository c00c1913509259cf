package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.process.ProcessLimits;
import dev.weir.service.config.Limit;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code weir serve} in a process of its own, which ends when this process does. Its messages for
 * people are added to the file {@code server.err}. Owned by the audit that started it.
 *
 * <p>{@code -Dweir.it.weir=bin/weir} starts that program, with an archive of its classes, which
 * saves half of the start; else it is this process's class path.
 */
final class RealServer implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String PROGRAM = System.getProperty("weir.it.weir", "");
  private static final String READY = "weir ready grpc=";
  private static final List<String> SMALL =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

  private final Process process;
  private final Path err;
  private final String address; // null: it ended before it was ready

  private RealServer(Process process, Path err) throws IOException {
    this.process = process;
    this.err = err;
    String line = ProcessLimits.firstLine(process);
    address =
        line != null && line.startsWith(READY)
            ? line.substring(READY.length(), line.indexOf(' ', READY.length()))
            : null;
    if (address == null) {
      end();
    }
  }

  /** The settings with which servers of a directory are started. Immutable. */
  record Terms(Path dir, Map<Limit, Long> limits, List<String> prefix) {
    Terms(Path dir, Map<Limit, Long> limits) {
      this(dir, limits, List.of());
    }

    /** Started by another program, such as a tracer. */
    Terms under(String... program) {
      return new Terms(dir, limits, List.of(program));
    }

    Path data() {
      return dir.resolve("data");
    }

    Path err() {
      return dir.resolve("server.err");
    }
  }

  /**
   * Starts a server and waits until it is ready, or has ended.
   *
   * @param port where to listen; 0 for any
   */
  static RealServer start(Terms terms, int port, List<String> faults) throws IOException {
    List<String> command = new ArrayList<>(terms.prefix());
    List<String> jvm = new ArrayList<>(SMALL);
    if (PROGRAM.isEmpty()) {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("--enable-native-access=ALL-UNNAMED");
      command.addAll(jvm);
      command.addAll(
          List.of("-cp", System.getProperty("java.class.path"), "dev.weir.cli.WeirCommand"));
    } else {
      command.add(PROGRAM);
    }
    command.addAll(List.of("serve", "--end-with-stdin", "--port", Integer.toString(port)));
    command.addAll(List.of("--data", terms.data().toString()));
    command.addAll(List.of("--config", config(terms).toString()));
    File errors = terms.err().toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(errors));
    FaultOptions.addTo(builder, faults);
    builder.environment().put("WEIR_JAVA_OPTS", String.join(" ", jvm));
    return new RealServer(builder.start(), terms.err());
  }

  private static Path config(Terms terms) throws IOException {
    StringBuilder yaml = new StringBuilder("host: 127.0.0.1\n");
    if (!terms.limits().isEmpty()) {
      yaml.append("limits:\n");
      terms
          .limits()
          .forEach((limit, value) -> yaml.append("  " + limit.yamlName() + ": " + value + "\n"));
    }
    return Files.writeString(terms.dir().resolve("weir.yaml"), yaml);
  }

  /** Returns whether it became ready. */
  boolean wasReady() {
    return address != null;
  }

  String address() {
    return address;
  }

  int port() {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sets the point where it dies. */
  void arm(String pointAndCount) throws IOException {
    process.getOutputStream().write((pointAndCount + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Returns whether it ended in time. */
  boolean awaitEnd(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  int exitCode() {
    return process.exitValue();
  }

  /** SIGKILL, of a tracer too; returns when it is gone. */
  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    ProcessLimits.kill(process);
  }

  /** SIGTERM; gives the exit code. */
  int stop() throws InterruptedException {
    ProcessHandle server = process.toHandle().children().findFirst().orElse(process.toHandle());
    server.destroy();
    assertThat(awaitEnd(PATIENCE)).as("the server stops").isTrue();
    return exitCode();
  }

  /** Sends it a signal, such as STOP. */
  void signal(String name) throws IOException, InterruptedException {
    ProcessHandle server = process.toHandle().children().findFirst().orElse(process.toHandle());
    ProcessLimits.exitCode(
        new ProcessBuilder("kill", "-" + name, Long.toString(server.pid())).start());
  }

  /** Returns its standard output since it was ready, once it has ended. */
  String output() {
    return String.join("\n", process.inputReader(StandardCharsets.UTF_8).lines().toList());
  }

  private void end() {
    if (!process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join().isAlive()) {
      return;
    }
    kill();
  }

  /** Returns the messages for people of this server, and of those before it on the directory. */
  List<String> words() throws IOException {
    return Files.readAllLines(err);
  }

  @Override
  public void close() {
    kill();
  }
}
