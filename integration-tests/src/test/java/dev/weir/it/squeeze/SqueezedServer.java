package dev.weir.it.squeeze;

import dev.weir.it.process.ProcessLimits;
import dev.weir.it.proof.FaultOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code bin/weir serve} with little heap, direct memory and few descriptors, in a process of its
 * own that ends when this one does. Its messages are added to the file {@code server.err}. Owned by
 * the audit that started it.
 */
final class SqueezedServer implements AutoCloseable {
  private static final String READY = "weir ready grpc=";
  private static final long BYTES_PER_KIB = 1_024;
  private static final long STOP_SECONDS = 60;

  private final Process process;
  private final Path err;
  private final String address;

  private SqueezedServer(Process process, Path err, String address) {
    this.process = process;
    this.err = err;
    this.address = address;
  }

  /**
   * Starts a server on a directory, with the production defaults of every limit.
   *
   * @param port where to listen; 0 for any
   * @param faults what it goes without
   */
  static SqueezedServer start(SqueezeOptions terms, Path dir, int port, List<String> faults)
      throws IOException {
    Path config = Files.writeString(dir.resolve("weir.yaml"), "host: 127.0.0.1\n");
    Path err = dir.resolve("server.err");
    List<String> command = new ArrayList<>();
    String limit = "ulimit -n " + SqueezeOptions.DESCRIPTORS + "; exec \"$0\" \"$@\"";
    command.addAll(List.of("bash", "-c", limit, System.getProperty("weir.it.weir")));
    command.addAll(List.of("serve", "--end-with-stdin", "--port", Integer.toString(port)));
    command.addAll(List.of("--data", dir.resolve("data").toString()));
    command.addAll(List.of("--config", config.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()));
    FaultOptions.addTo(builder, faults);
    builder
        .environment()
        .put(
            "WEIR_JAVA_OPTS",
            String.format(
                "-Xmx%dm -XX:MaxDirectMemorySize=%dm %s",
                terms.heapBytes() / SqueezeOptions.MIB,
                SqueezeOptions.DIRECT_BYTES / SqueezeOptions.MIB,
                System.getProperty("weir.it.squeeze.jvm", "")));
    Process process = builder.start();
    String line = ProcessLimits.firstLine(process);
    if (line == null || !line.startsWith(READY)) {
      ProcessLimits.kill(process);
      throw new IOException("no server: " + line + "; " + Files.readString(err));
    }
    return new SqueezedServer(
        process, err, line.substring(READY.length(), line.indexOf(' ', READY.length())));
  }

  String address() {
    return address;
  }

  int port() {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Returns its exit code; only where it has ended. */
  int exitCode() {
    return process.exitValue();
  }

  /** Its resident memory; 0 where it is gone. */
  long residentBytes() {
    return statusKib("VmRSS:") * BYTES_PER_KIB;
  }

  /** The most that it ever had resident since {@link #forgetPeak}; 0 where it is gone. */
  long residentBytesPeak() {
    return statusKib("VmHWM:") * BYTES_PER_KIB;
  }

  /** Begins the peak anew, where the kernel permits it. */
  void forgetPeak() {
    try {
      Files.writeString(proc("clear_refs"), "5");
    } catch (IOException e) {
      System.out.println("squeeze: the peak of memory is that of the whole run: " + e);
    }
  }

  private long statusKib(String field) {
    try (Stream<String> lines = Files.lines(proc("status"))) {
      return lines
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  /** Its open descriptors; 0 where it is gone. */
  int descriptors() {
    String[] names = proc("fd").toFile().list();
    return names == null ? 0 : names.length;
  }

  private Path proc(String file) {
    return Path.of("/proc", Long.toString(pid()), file);
  }

  /** Returns the messages to its operator, and those of the servers before it on the directory. */
  List<String> messages() throws IOException {
    return Files.readAllLines(err);
  }

  /** SIGTERM; whether it ended in time. */
  boolean stop() throws InterruptedException {
    process.destroy();
    return process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
  }

  /** SIGKILL; returns when it is gone. */
  @Override
  public void close() {
    ProcessLimits.kill(process);
  }
}
