package dev.weir.it.client;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test with a server, a client of it, and topic "t". */
abstract class ClientServerTest {
  static final long TIME = 1_700_000_000_000_000_000L;

  @TempDir Path data;
  ClientTestServer server;
  WeirClient client;

  @BeforeEach
  void start() throws Exception {
    server = new ClientTestServer(data);
    client = server.client();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  /** Publishes these values of a sensor in order, a record for each; returns when stored. */
  void publish(String sensor, double... values) throws Exception {
    PublisherOptions options = PublisherOptions.builder("t").batchReadingsMax(1).build();
    try (Publisher publisher = client.publisher(options)) {
      SensorHandle handle = publisher.sensor(sensor);
      for (int i = 0; i < values.length; i++) {
        handle.publish(TIME + i, values[i]);
      }
      publisher.flush().get(60, SECONDS);
    }
  }

  /** The values 0, 1, 2 … of each of so many sensors, a record for each round of them. */
  void publishRounds(int sensors, int rounds) throws Exception {
    PublisherOptions options = PublisherOptions.builder("t").batchReadingsMax(sensors).build();
    try (Publisher publisher = client.publisher(options)) {
      Rounds load = new Rounds(publisher, sensors);
      for (int round = 0; round < rounds; round++) {
        load.publish(round, round);
      }
      publisher.flush().get(60, SECONDS);
    }
  }

  /** Sensors 0, 1, 2 … of a publisher. Owned by one thread. */
  static final class Rounds {
    private final SensorHandle[] handles;

    Rounds(Publisher publisher, int sensors) {
      handles = new SensorHandle[sensors];
      for (int i = 0; i < sensors; i++) {
        handles[i] = publisher.sensor("line/" + i);
      }
    }

    void publish(int round, double value) {
      for (SensorHandle handle : handles) {
        handle.publish(TIME + round * 1_000L, value);
      }
    }
  }
}
