package dev.weir.bench.system;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.support.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Opens and closes connections of the NATS client, and counts what goes wrong on them. The count is
 * thread-safe, the rest belongs to the thread of the console.
 */
final class NatsConnections implements AutoCloseable {
  /** Four times the default; larger ones changed nothing. */
  private static final int BUFFER_BYTES = 256 * 1024;

  private static final int SMALL_BUFFER_BYTES = 16 * 1024;

  /** Above every window, so that only the window holds a publisher back. */
  private static final int QUEUE_MESSAGES_MAX = 1 << 20;

  private final List<Connection> connections = new ArrayList<>();
  private final AtomicLong failures = new AtomicLong();

  Connection open(int port) throws IOException, InterruptedException {
    return open(port, 1);
  }

  /** One of so many connections of this process, which share the memory for buffers. */
  Connection open(int port, int of) throws IOException, InterruptedException {
    Options options =
        Options.builder()
            .server("nats://127.0.0.1:" + port)
            .bufferSize(of == 1 ? BUFFER_BYTES : SMALL_BUFFER_BYTES)
            .maxMessagesInOutgoingQueue(QUEUE_MESSAGES_MAX)
            .noReconnect()
            .connectionListener(this::onEvent)
            .errorListener(new Errors())
            .build();
    Connection connection = Nats.connect(options);
    connections.add(connection);
    return connection;
  }

  long failures() {
    return failures.get();
  }

  /** Closes all of them. */
  @Override
  public void close() {
    try {
      for (Connection connection : connections) {
        connection.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void onEvent(Connection connection, ConnectionListener.Events event) {
    if (event == ConnectionListener.Events.DISCONNECTED) {
      fail("disconnected");
    }
  }

  private void fail(String what) {
    failures.incrementAndGet();
    System.err.println("nats: " + what);
  }

  private final class Errors implements ErrorListener {
    @Override
    public void errorOccurred(Connection connection, String error) {
      fail(error);
    }

    @Override
    public void exceptionOccurred(Connection connection, Exception error) {
      fail(error.toString());
    }

    @Override
    public void slowConsumerDetected(Connection connection, Consumer consumer) {
      fail("slow consumer");
    }

    @Override
    public void pullStatusError(
        Connection connection, JetStreamSubscription subscription, Status status) {
      fail(status.toString());
    }
  }
}
