package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.RandomWalks;
import io.nats.client.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * NATS core, one message per reading: the subject is the sensor's name, the payload a {@link
 * ReadingBytes}. With {@code connections=} above 1 the sensors are dealt out to them. Because NATS
 * drops what a slow subscriber does not take, a {@link InFlightWindow} holds it back.
 */
final class NatsPublisher implements SystemPublisher {
  private final NatsConnections opener = new NatsConnections();
  private final List<Connection> connections = new ArrayList<>();
  private final String[] subjects;
  private final InFlightWindow window;
  private long sent;

  NatsPublisher(KeyValues settings) throws Exception {
    window = new InFlightWindow(settings);
    for (int i = 0; i < settings.count("connections"); i++) {
      connections.add(opener.open(settings.count("port"), settings.count("connections")));
    }
    subjects = subjects(settings);
  }

  static String[] subjects(KeyValues settings) {
    String[] subjects = new String[settings.count("sensors")];
    for (int sensor = 0; sensor < subjects.length; sensor++) {
      subjects[sensor] = NatsSubscriber.SUBJECTS + RandomWalks.name(0, sensor);
    }
    return subjects;
  }

  @Override
  public void publish(int sensor, long timeNanos, double value) throws Exception {
    sent++;
    window.await(sent);
    connections
        .get(sensor % connections.size())
        .publish(subjects[sensor], ReadingBytes.of(timeNanos, value));
  }

  /** The client's writer sends by itself, and only the subscriber knows what arrived. */
  @Override
  public boolean drain(Duration timeout) {
    return true;
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
