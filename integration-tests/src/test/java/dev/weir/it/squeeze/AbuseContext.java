package dev.weir.it.squeeze;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The context that all abusers of one process share: when to end, their connections and threads.
 * Thread-safe.
 */
final class AbuseContext implements AutoCloseable {
  /** A part of an abuse; it ends when the attack does. */
  interface Work {
    void run() throws IOException;
  }

  private static final Duration RETRY = Duration.ofMillis(200);
  private static final long JOIN_MILLIS = 2_000;

  private final int port;
  private final long endNanos;
  private final AtomicLong seed;
  private final AbuseCounts tally;
  private final List<Http2Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new ArrayList<>(); // owned by the main thread

  AbuseContext(int port, Duration duration, long seed, AbuseCounts tally) {
    this.port = port;
    this.endNanos = System.nanoTime() + duration.toNanos();
    this.seed = new AtomicLong(seed);
    this.tally = tally;
  }

  int port() {
    return port;
  }

  long endNanos() {
    return endNanos;
  }

  boolean goesOn() {
    return System.nanoTime() - endNanos < 0;
  }

  /** Randomness for one thread. */
  Random random() {
    return new Random(seed.incrementAndGet());
  }

  AbuseCounts tally() {
    return tally;
  }

  Http2Socket connect(Http2Socket.Reads reads, Http2Socket.Listener listener) throws IOException {
    Http2Socket socket = new Http2Socket(port, reads, listener);
    sockets.add(socket);
    tally.add("connections");
    if (!goesOn()) {
      socket.close();
    }
    return socket;
  }

  void forget(Http2Socket socket) {
    socket.close();
    sockets.remove(socket);
  }

  /** Does work again and again in a thread of its own; after a failure a moment later. */
  void repeatedly(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              while (goesOn()) {
                try {
                  work.run();
                } catch (IOException e) {
                  if (goesOn()) {
                    tally.add("connections lost");
                    pause(RETRY);
                  }
                }
              }
            },
            name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  void pause(Duration time) {
    LockSupport.parkNanos(Math.min(time.toNanos(), Math.max(1, endNanos - System.nanoTime())));
  }

  /** Waits until the time is over. */
  void await() {
    while (goesOn()) {
      LockSupport.parkNanos(endNanos - System.nanoTime());
    }
  }

  /** Closes all connections. */
  @Override
  public void close() {
    sockets.forEach(Http2Socket::close);
    try {
      for (Thread thread : threads) {
        thread.join(JOIN_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
