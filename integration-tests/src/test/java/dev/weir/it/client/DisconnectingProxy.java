package dev.weir.it.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;

/**
 * Passes TCP connections on and breaks them all on demand, wherever the bytes happen to be; what
 * was under way in either direction is lost. Thread-safe.
 */
final class DisconnectingProxy implements AutoCloseable {
  private static final int CHUNK = 4_096;

  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> open = new HashSet<>();

  DisconnectingProxy(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() throws IOException {
    while (!listener.isClosed()) {
      Socket client = listener.accept();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
      synchronized (this) {
        open.add(client);
        open.add(server);
      }
      start(() -> copy(client, server));
      start(() -> copy(server, client));
    }
  }

  private void copy(Socket from, Socket to) throws IOException {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] chunk = new byte[CHUNK];
      for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
        out.write(chunk, 0, length);
      }
    } finally {
      synchronized (this) {
        open.remove(from);
        open.remove(to);
      }
    }
  }

  /** Breaks every connection now. */
  void breakAll() {
    Set<Socket> victims;
    synchronized (this) {
      victims = Set.copyOf(open);
      open.clear();
    }
    victims.forEach(DisconnectingProxy::reset);
  }

  /** Closes a socket without a farewell; harmless where it is closed. */
  private static void reset(Socket victim) {
    try {
      victim.setSoLinger(true, 0);
      victim.close();
    } catch (IOException e) {
      assert victim.isClosed();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    breakAll();
  }

  private static void start(SocketWork work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // A broken connection is this class's purpose.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  /** Work that ends with its sockets. */
  private interface SocketWork {
    void run() throws IOException;
  }
}
