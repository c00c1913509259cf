package dev.weir.it.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Passes TCP connections on and harms them. Thread-safe; one thread of its own owns all
 * connections, until it is closed by the test that owns it.
 */
public final class FaultProxy implements AutoCloseable {
  private static final long DRIP_MILLIS = 1;

  private final InetSocketAddress target;
  private final Supplier<PendingMessages> traffic;
  private final ConnectionFaultPlan harms;
  private final ServerSocketChannel listener;
  private final Selector selector;
  private final List<ProxiedConnection> connections = new ArrayList<>(); // of the thread
  private final Thread thread;
  private long messages; // of the thread
  private volatile boolean healing;
  private volatile boolean closing;
  private volatile Throwable failure;

  /**
   * A proxy to a server on loopback.
   *
   * @param traffic what its connections carry, anew for each
   */
  public FaultProxy(int targetPort, Supplier<PendingMessages> traffic, ConnectionFaultPlan harms)
      throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    this.target = new InetSocketAddress(loopback, targetPort);
    this.traffic = traffic;
    this.harms = harms;
    listener = ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
    listener.configureBlocking(false);
    selector = Selector.open();
    listener.register(selector, SelectionKey.OP_ACCEPT);
    thread = new Thread(this::run, "byte-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  public int port() throws IOException {
    return ((InetSocketAddress) listener.getLocalAddress()).getPort();
  }

  /** Returns why it does not work any more; null: it does. */
  public Throwable failure() {
    return failure;
  }

  /** No more harm from now on; connections that suffer are cut. */
  public void heal() {
    healing = true;
    selector.wakeup();
  }

  @Override
  public void close() throws IOException {
    closing = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- of the thread

  PendingMessages traffic() {
    return traffic.get();
  }

  /** A message that matters went by. */
  void onMessage() {
    messages++;
  }

  long messages() {
    return messages;
  }

  /** Returns whether a connection may stall, because others still move. */
  boolean mayStall() {
    return connections.size() > 1 && connections.stream().noneMatch(ProxiedConnection::isStalled);
  }

  private void run() {
    try (selector;
        listener) {
      while (!closing) {
        selector.select(connections.stream().anyMatch(ProxiedConnection::drips) ? DRIP_MILLIS : 0);
        selector.selectedKeys().clear();
        accept();
        if (healing) {
          harms.end();
          connections.forEach(ProxiedConnection::heal);
        }
        connections.removeIf(ProxiedConnection::isClosed);
        connections.forEach(ProxiedConnection::step);
        connections.removeIf(ProxiedConnection::isClosed);
      }
    } catch (IOException | RuntimeException e) {
      failure = e;
    } finally {
      connections.forEach(connection -> connection.close(true));
    }
  }

  private void accept() throws IOException {
    SocketChannel client = listener.accept();
    while (client != null) {
      try {
        connections.add(
            new ProxiedConnection(this, selector, client, SocketChannel.open(target), harms));
      } catch (IOException nobodyListens) {
        client.close();
      }
      client = listener.accept();
    }
  }
}
