package dev.weir.bench.process;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ProcessConsole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A process with many idle subscriptions at a NATS server, over plain sockets: nothing is held but
 * the sockets. Owned by its main thread, which also answers pings between commands; the counts are
 * read by it alone.
 *
 * <p>Commands as of {@link IdleWeirProcess}.
 */
public final class IdleNatsProcess {
  private static final String SUBJECT = "idle";
  private static final int WARM_CONNECTIONS = 100;
  private static final int READ_BYTES = 64 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(80);
  private static final Duration TICK = Duration.ofMillis(100);

  private final InetSocketAddress server;
  private final int connections;
  private final int subscriptionsEach;
  private final Selector selector;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
  private SocketChannel first;
  private long opened;
  private long delivered;
  private String problem = "";

  private IdleNatsProcess(KeyValues settings) throws IOException {
    server = new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.count("port"));
    connections = settings.count("connections");
    subscriptionsEach = settings.count("sessions") * settings.count("subscriptions") / connections;
    selector = Selector.open();
  }

  /** The part of a line that has come so far. */
  private static final class Line {
    private final StringBuilder text = new StringBuilder(0);
  }

  /** Starts the process; see {@link IdleWeirProcess#main}. */
  public static void main(String[] args) throws Exception {
    var process = new IdleNatsProcess(KeyValues.parse(args));
    ProcessConsole.serve(KeyValues.none().with("ready", true), process::onCommand);
    System.exit(0);
  }

  private KeyValues onCommand(String command, String argument) throws IOException {
    return switch (command) {
      case "mark" -> KeyValues.none().with("readings", delivered);
      case "warm" -> {
        open(WARM_CONNECTIONS, 1);
        publish(WARM_CONNECTIONS);
        for (SelectionKey key : selector.keys()) {
          key.channel().close();
        }
        selector.selectNow();
        opened = 0;
        delivered = 0;
        yield KeyValues.none().with("warm", true);
      }
      case "open" -> {
        open(connections, subscriptionsEach);
        yield KeyValues.none().with("open", true);
      }
      case "publish" -> {
        long expected = (long) connections * subscriptionsEach;
        publish(expected);
        yield KeyValues.none()
            .with("expected", expected)
            .with("delivered", delivered)
            .with("problem", problem.replace(' ', '_'));
      }
      default -> throw ProcessConsole.unknown(command);
    };
  }

  private void open(int count, int subscriptions) throws IOException {
    StringBuilder hello =
        new StringBuilder("CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"bench\"}\r\n");
    for (int i = 1; i <= subscriptions; i++) {
      hello.append("SUB " + SUBJECT + " ").append(i).append("\r\n");
    }
    byte[] bytes = hello.append("PING\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < count; i++) {
      SocketChannel socket = SocketChannel.open(server);
      write(socket, bytes);
      socket.configureBlocking(false);
      socket.register(selector, SelectionKey.OP_READ, new Line());
      first = i == 0 ? socket : first;
      readFor(Duration.ZERO);
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (opened < count && System.nanoTime() < deadline) {
      readFor(TICK);
    }
    if (opened < count || !problem.isEmpty()) {
      throw new IllegalStateException(opened + " of " + count + " opened; " + problem);
    }
  }

  private void publish(long expected) throws IOException {
    write(first, ("PUB " + SUBJECT + " 1\r\nx\r\n").getBytes(StandardCharsets.US_ASCII));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (delivered < expected && System.nanoTime() < deadline) {
      readFor(TICK);
    }
  }

  private void readFor(Duration time) throws IOException {
    if (time.isZero()) {
      selector.selectNow(this::read);
    } else {
      selector.select(this::read, time.toMillis());
    }
  }

  private void read(SelectionKey key) {
    SocketChannel socket = (SocketChannel) key.channel();
    try {
      int count = socket.read(buffer);
      if (count < 0) {
        problem = "a connection was closed";
        socket.close();
      }
      buffer.flip();
      Line line = (Line) key.attachment();
      while (buffer.hasRemaining()) {
        char c = (char) buffer.get();
        if (c == '\n') {
          onLine(socket, line.text.toString());
          line.text.setLength(0);
          line.text.trimToSize();
        } else if (c != '\r') {
          line.text.append(c);
        }
      }
      buffer.clear();
    } catch (IOException e) {
      problem = e.toString();
      key.cancel();
    }
  }

  private void onLine(SocketChannel socket, String line) throws IOException {
    if (line.startsWith("MSG ")) {
      delivered++;
    } else if (line.equals("PONG")) {
      opened++;
    } else if (line.equals("PING")) {
      write(socket, "PONG\r\n".getBytes(StandardCharsets.US_ASCII));
    } else if (line.startsWith("-ERR")) {
      problem = line;
    }
  }

  private static void write(SocketChannel socket, byte[] bytes) throws IOException {
    ByteBuffer out = ByteBuffer.wrap(bytes);
    while (out.hasRemaining()) {
      socket.write(out);
    }
  }
}
