package dev.weir.bench.process;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ProcessConsole;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * A process that is a Kafka broker and its controller (KRaft, one node), in a storage directory
 * that it formats itself. Kafka owns all threads but the console's. Its classes are called by name,
 * so that nothing here is compiled against Scala. Commands: {@code mark}.
 */
public final class KafkaServerProcess {
  private static final Duration READY = Duration.ofSeconds(60);
  private static final int CONNECT_MILLIS = 200;

  private KafkaServerProcess() {}

  /** Serves on a free port of loopback from {@code data=}. */
  public static void main(String[] args) throws Exception {
    Path data = Path.of(KeyValues.parse(args).text("data")).toAbsolutePath();
    Files.createDirectories(data);
    int port = freePort();
    String file = Files.writeString(data.resolve("server.properties"), text(data, port)).toString();
    // Kafka prints to standard output, which belongs to the runner.
    PrintStream console = System.out;
    System.setOut(System.err);
    format(file);
    FutureTask<Object> broker =
        BenchRuntime.start(
            "kafka",
            () ->
                Class.forName("kafka.Kafka")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) new String[] {file}));
    awaitListening(port, broker);
    System.setOut(console);
    ProcessConsole.serve(
        KeyValues.none().with("port", port),
        (command, argument) -> KeyValues.none().with("readings", 0));
    // An orderly end would take its time over data that is deleted next.
    Runtime.getRuntime().halt(0);
  }

  private static String text(Path data, int port) throws IOException {
    int controllerPort = freePort();
    return String.join(
        "\n",
        "process.roles=broker,controller",
        "node.id=1",
        "controller.quorum.voters=1@127.0.0.1:" + controllerPort,
        "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort,
        "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
        "controller.listener.names=CONTROLLER",
        "log.dirs=" + data.resolve("log"),
        "offsets.topic.replication.factor=1",
        "message.max.bytes=" + 16 * 1024 * 1024,
        "socket.send.buffer.bytes=-1",
        "socket.receive.buffer.bytes=-1",
        "");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void format(String file) throws Exception {
    ByteArrayOutputStream words = new ByteArrayOutputStream();
    String[] arguments = {"format", "--cluster-id", "AAAAAAAAAAAAAAAAAAAAAQ", "--config", file};
    Object code =
        Class.forName("kafka.tools.StorageTool")
            .getMethod("execute", String[].class, PrintStream.class)
            .invoke(null, arguments, new PrintStream(words, true, StandardCharsets.UTF_8));
    if (!code.equals(0)) {
      throw new IllegalStateException(
          "kafka: formatting ended with " + code + ": " + words.toString(StandardCharsets.UTF_8));
    }
  }

  private static void awaitListening(int port, FutureTask<Object> broker) throws Exception {
    long deadline = System.nanoTime() + READY.toNanos();
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    while (System.nanoTime() < deadline) {
      if (broker.isDone()) {
        broker.get();
        throw new IllegalStateException("kafka ended");
      }
      try (Socket socket = new Socket()) {
        socket.connect(address, CONNECT_MILLIS);
        return;
      } catch (IOException notYet) {
        TimeUnit.MILLISECONDS.sleep(CONNECT_MILLIS);
      }
    }
    throw new IllegalStateException("kafka does not listen after " + READY);
  }
}
