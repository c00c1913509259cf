package dev.weir.bench.system;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.KeyValues;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.locks.LockSupport;

/**
 * Bounds the readings under way from a publisher of a system without back-pressure: it waits while
 * more readings than {@code window=} were sent and not yet received by the slowest subscriber,
 * according to {@link InFlightReport}. {@link #await} belongs to the publishing thread.
 */
final class InFlightWindow implements AutoCloseable {
  private static final long PARK_NANOS = 1_000_000;

  private final Socket socket;
  private final long readingsMax;
  private final Thread publisher = Thread.currentThread();
  private volatile long received;
  private volatile boolean ended;
  private long known;

  /**
   * Connects to {@code window_port=} for {@code window=} readings; made by the publishing thread.
   */
  InFlightWindow(KeyValues settings) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), settings.count("window_port"));
    readingsMax = settings.number("window");
    BenchRuntime.start("bench-window", this::listen);
  }

  private Void listen() throws IOException {
    try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
      while (!ended) {
        received = in.readLong();
        LockSupport.unpark(publisher);
      }
    } catch (EOFException | SocketException e) {
      ended = true;
    }
    return null;
  }

  /** Waits until, with these, no more are under way than may be. */
  void await(long sent) throws IOException {
    if (sent - known <= readingsMax) {
      return;
    }
    known = received;
    while (sent - known > readingsMax) {
      if (ended) {
        throw new IOException("the subscriber is gone");
      }
      LockSupport.parkNanos(this, PARK_NANOS);
      known = received;
    }
  }

  @Override
  public void close() throws IOException {
    ended = true;
    socket.close();
  }
}
