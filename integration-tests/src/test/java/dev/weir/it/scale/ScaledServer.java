package dev.weir.it.scale;

import dev.weir.it.process.ProcessLimits;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.GetServerInfoResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code weir serve} in a process of its own, which ends when this one does. Its messages are added
 * to the file {@code server.err}. Owned by the audit. {@code -Dweir.it.weir=bin/weir} starts that
 * program; else it is this process's class path.
 */
final class ScaledServer implements AutoCloseable {
  private static final String PROGRAM = System.getProperty("weir.it.weir", "");
  private static final String READY = "weir ready grpc=";
  private static final long ANSWER_SECONDS = 60;
  private static final long STOP_SECONDS = 120;
  private static final int CALLS_MAX = 64;
  private static final Pattern USED = Pattern.compile("used (\\d+)K");

  private final Process process;
  private final ManagedChannel channel;
  private final GetServerInfoResponse info;
  private final Duration started;

  private ScaledServer(
      Process process, ManagedChannel channel, GetServerInfoResponse info, Duration started) {
    this.process = process;
    this.channel = channel;
    this.info = info;
    this.started = started;
  }

  /** Starts a server on a directory; it has answered when this returns. */
  static ScaledServer start(ScaleShape shape, Path dir) throws IOException {
    Path err = dir.resolve("server.err");
    List<String> command = new ArrayList<>();
    if (PROGRAM.isEmpty()) {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"));
      command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx" + shape.heap()));
      command.addAll(
          List.of("-cp", System.getProperty("java.class.path"), "dev.weir.cli.WeirCommand"));
    } else {
      command.add(PROGRAM);
    }
    command.addAll(List.of("serve", "--end-with-stdin", "--port", "0"));
    command.addAll(List.of("--data", dir.resolve("data").toString()));
    command.addAll(List.of("--config", config(shape, dir).toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()));
    builder
        .environment()
        .put(
            "WEIR_JAVA_OPTS",
            "-Xmx" + shape.heap() + " " + System.getProperty("weir.it.scale.jvm", ""));
    long from = System.nanoTime();
    Process process = builder.start();
    String line = ProcessLimits.firstLine(process);
    if (line == null || !line.startsWith(READY)) {
      ProcessLimits.kill(process);
      throw new IOException("no server: " + line + "; " + tail(err));
    }
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(
                line.substring(READY.length(), line.indexOf(' ', READY.length())))
            .usePlaintext()
            .maxInboundMessageSize(CALLS_MAX << 20)
            .build();
    return new ScaledServer(
        process, channel, answer(channel), Duration.ofNanos(System.nanoTime() - from));
  }

  private static GetServerInfoResponse answer(ManagedChannel channel) {
    return AdminServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
        .getServerInfo(GetServerInfoRequest.getDefaultInstance());
  }

  private static Path config(ScaleShape shape, Path dir) throws IOException {
    StringBuilder yaml = new StringBuilder("host: 127.0.0.1\nlimits:\n  drain_ms: 0\n");
    shape
        .limits()
        .forEach((limit, value) -> yaml.append("  " + limit.yamlName() + ": " + value + "\n"));
    return Files.writeString(dir.resolve("weir.yaml"), yaml);
  }

  private static String tail(Path err) throws IOException {
    List<String> lines = Files.readAllLines(err);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }

  ManagedChannel channel() {
    return channel;
  }

  /** Returns the time from the start of the process to its first answer. */
  Duration started() {
    return started;
  }

  /** Its budgets now, those that hold something. */
  String budgets() {
    StringBuilder table = new StringBuilder();
    for (dev.weir.v1.Budget budget : answer(channel).getBudgetsList()) {
      if (budget.getUsed() > 0) {
        table.append(
            String.format(
                " %s %,d of %,d %s;",
                budget.getName(), budget.getUsed(), budget.getLimit(), budget.getUnit()));
      }
    }
    return table.toString();
  }

  /** Partitions that store nothing more. */
  int stoppedPartitions() {
    return info.getStorage().getStoppedPartitions();
  }

  /** Returns the heap used after a collection, by jcmd; -1 where there is none. */
  long heapBytes() throws IOException, InterruptedException {
    if (jcmd("GC.run") == null) {
      return -1;
    }
    String heap = jcmd("GC.heap_info");
    long kib = 0;
    for (String line : heap == null ? List.<String>of() : heap.lines().toList()) {
      Matcher used = USED.matcher(line);
      boolean ofHeap = !line.contains("Metaspace") && !line.contains("class space");
      if (ofHeap && line.contains("total") && used.find()) {
        kib += Long.parseLong(used.group(1));
      }
    }
    return kib << 10;
  }

  /** The classes with most bytes on the heap. */
  String histogram(int lines) throws IOException, InterruptedException {
    String all = jcmd("GC.class_histogram");
    return all == null ? "no jcmd" : String.join("\n", all.lines().limit(lines + 3).toList());
  }

  private String jcmd(String command) throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    if (!Files.isExecutable(jcmd)) {
      return null; // a Java without tools
    }
    Process asked =
        new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), command)
            .redirectErrorStream(true)
            .start();
    String answer = ProcessLimits.output(asked);
    return ProcessLimits.exitCode(asked) == 0 ? answer : null;
  }

  /** Its resident memory; 0 where nobody knows. */
  long residentBytes() {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  /** SIGTERM; how long until it has ended. */
  Duration stop() throws InterruptedException {
    channel.shutdownNow();
    long from = System.nanoTime();
    process.destroy();
    process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    return Duration.ofNanos(System.nanoTime() - from);
  }

  /** Gives the exit code of the process; -1 while it runs. */
  int exitCode() {
    return process.isAlive() ? -1 : process.exitValue();
  }

  /** SIGKILL; returns when it is gone. */
  @Override
  public void close() {
    channel.shutdownNow();
    ProcessLimits.kill(process);
  }
}
