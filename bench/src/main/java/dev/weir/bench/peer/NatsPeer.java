package dev.weir.bench.peer;

import dev.weir.bench.BenchFailure;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A {@code nats-server}: the one on the path, else the one that {@code make nats-server} installed.
 * Owned by the runner's thread; the process is killed when the runner ends.
 */
public final class NatsPeer implements Peer {
  private static final Path INSTALLED = Path.of("target/tools/bin/nats-server");
  private static final String PROGRAM = "nats-server";
  private static final int READY_TRIES = 100;
  private static final int TRY_MILLIS = 100;
  private static final int EXIT_SECONDS = 10;

  private final Process process;
  private final int port;
  private final Thread killer;

  private NatsPeer(Process process, int port) {
    this.process = process;
    this.port = port;
    this.killer = new Thread(process::destroyForcibly, "bench-nats-killer");
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /** NATS core: in memory, at most once. */
  public static NatsPeer core(Path data) throws BenchFailure, InterruptedException, MissingPeer {
    return start(data, List.of());
  }

  /**
   * With JetStream below a directory.
   *
   * @param syncInterval of its files: {@code always}, or a duration such as its default {@code 2m}
   */
  public static NatsPeer jetStream(Path data, String syncInterval)
      throws BenchFailure, InterruptedException, MissingPeer {
    return start(
        data,
        List.of(
            "jetstream {",
            "  store_dir: \"" + data.toAbsolutePath().resolve("jetstream") + "\"",
            "  sync_interval: " + syncInterval,
            "}"));
  }

  /** Returns the version that the program reports. */
  public static String version() throws MissingPeer {
    try {
      Process asked = new ProcessBuilder(binary(), "--version").start();
      String answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return answer.replace(PROGRAM + ":", "").trim();
    } catch (IOException e) {
      throw new MissingPeer(PROGRAM + " does not start: " + e.getMessage());
    }
  }

  private static NatsPeer start(Path data, List<String> more)
      throws BenchFailure, InterruptedException, MissingPeer {
    String binary = binary();
    try {
      Files.createDirectories(data);
      int port = freePort();
      List<String> lines = new ArrayList<>();
      lines.add("listen: \"127.0.0.1:" + port + "\"");
      lines.add("max_payload: 8MB");
      lines.add("max_pending: 256MB");
      lines.addAll(more);
      Path config = Files.write(data.resolve("nats.conf"), lines);
      Process process =
          new ProcessBuilder(binary, "-c", config.toString())
              .redirectErrorStream(true)
              .redirectOutput(data.resolve("nats.log").toFile())
              .start();
      NatsPeer peer = new NatsPeer(process, port);
      peer.awaitListening(data);
      return peer;
    } catch (IOException e) {
      throw new BenchFailure(PROGRAM + " did not start", e);
    }
  }

  private static String binary() throws MissingPeer {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(
            Stream.of(path.split(File.pathSeparator, -1))
                .filter(part -> !part.isEmpty())
                .map(part -> Path.of(part, PROGRAM)),
            Stream.of(INSTALLED))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () -> new MissingPeer(PROGRAM + " is not on PATH; `make nats-server` installs it"))
        .toAbsolutePath()
        .toString();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitListening(Path data) throws BenchFailure, InterruptedException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    for (int i = 0; i < READY_TRIES && process.isAlive(); i++) {
      try (Socket socket = new Socket()) {
        socket.connect(address, TRY_MILLIS);
        return;
      } catch (IOException notYet) {
        TimeUnit.MILLISECONDS.sleep(TRY_MILLIS);
      }
    }
    close();
    throw new BenchFailure(PROGRAM + " does not listen; see " + data.resolve("nats.log"));
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public long compileMillis() {
    return 0;
  }

  @Override
  public long cpuMillis() {
    return ProcessStatus.cpuMillis(process.toHandle());
  }

  @Override
  public long residentBytes() throws BenchFailure {
    return ProcessStatus.residentBytes(process.pid());
  }

  @Override
  public void close() throws BenchFailure {
    process.destroy();
    try {
      if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchFailure("interrupted while " + PROGRAM + " was to end", e);
    }
  }
}
