package dev.weir.bench;

import dev.weir.bench.load.BenchRuntime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/**
 * Stands between clients and the server, passes bytes on and counts them. It costs CPU time, so
 * rates are measured without it. The counters are thread-safe; connections belong to their two
 * threads.
 */
public final class CountingRelay implements AutoCloseable {
  private static final int BUFFER_BYTES = 256 * 1024;

  private final ServerSocketChannel listener;
  private final InetSocketAddress server;
  private final LongAdder toServer = new LongAdder();
  private final LongAdder fromServer = new LongAdder();
  private final List<SocketChannel> sockets = new CopyOnWriteArrayList<>();

  private CountingRelay(ServerSocketChannel listener, InetSocketAddress server) {
    this.listener = listener;
    this.server = server;
  }

  /** A relay on a free port of loopback to a port of loopback. */
  public static CountingRelay start(int serverPort) throws BenchFailure {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try {
      ServerSocketChannel listener = ServerSocketChannel.open();
      listener.bind(new InetSocketAddress(loopback, 0));
      CountingRelay relay =
          new CountingRelay(listener, new InetSocketAddress(loopback, serverPort));
      BenchRuntime.start("bench-relay", relay::acceptAll);
      return relay;
    } catch (IOException e) {
      throw new BenchFailure("the relay did not start", e);
    }
  }

  /** Returns the port that clients connect to. */
  public int port() {
    return listener.socket().getLocalPort();
  }

  /** Returns the bytes that clients sent. */
  public long bytesToServer() {
    return toServer.sum();
  }

  /** Returns the bytes that the server sent. */
  public long bytesFromServer() {
    return fromServer.sum();
  }

  private Void acceptAll() throws IOException {
    while (listener.isOpen()) {
      SocketChannel client = opened(listener.accept());
      SocketChannel target = opened(SocketChannel.open(server));
      BenchRuntime.start("bench-relay-up", () -> pump(client, target, toServer));
      BenchRuntime.start("bench-relay-down", () -> pump(target, client, fromServer));
    }
    return null;
  }

  private SocketChannel opened(SocketChannel socket) throws IOException {
    sockets.add(socket);
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return socket;
  }

  private static Void pump(SocketChannel from, SocketChannel to, LongAdder bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    try (from;
        to) {
      while (from.read(buffer) >= 0) {
        bytes.add(buffer.position());
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
    }
    return null;
  }

  @Override
  public void close() throws BenchFailure {
    try {
      listener.close();
      for (SocketChannel socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new BenchFailure("the relay did not close", e);
    }
  }
}
