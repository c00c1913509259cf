package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import io.nats.client.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * NATS core with the readings batched by hand: each message is a {@link ColumnPacking}. A {@link
 * Window} holds it back.
 */
final class NatsColumnsPublisher implements SystemPublisher {
  private final NatsConnections opener = new NatsConnections();
  private final Connection connection;
  private final InFlightWindow window;
  private final MessagePacking packing;
  private long sent;

  NatsColumnsPublisher(KeyValues settings) throws Exception {
    window = new InFlightWindow(settings);
    connection = opener.open(settings.count("port"));
    packing = new ColumnPacking(settings);
  }

  @Override
  public void publish(int sensor, long timeNanos, double value) throws Exception {
    sent++;
    if (packing.add(sensor, timeNanos, value)) {
      window.await(sent);
      connection.publish(NatsSubscriber.SUBJECTS + "batches", packing.take());
    }
  }

  @Override
  public boolean drain(Duration timeout) throws Exception {
    if (!packing.isEmpty()) {
      connection.publish(NatsSubscriber.SUBJECTS + "batches", packing.take());
    }
    try {
      connection.flush(timeout);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  @Override
  public long acknowledged() {
    return sent;
  }

  @Override
  public long failures() {
    return opener.failures();
  }

  @Override
  public void close() throws IOException {
    opener.close();
    window.close();
  }
}
