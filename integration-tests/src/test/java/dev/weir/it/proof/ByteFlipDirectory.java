package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorOptions;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.service.config.Limit;
import dev.weir.v1.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Makes a data directory with something of everything, by two lives of a real server that both stop
 * cleanly. Stateless.
 */
final class ByteFlipDirectory {
  private static final int PARTITIONS = 2;
  private static final int ROUNDS = 60;
  private static final int SENSORS = 4;
  private static final long SEGMENT_BYTES = 64 << 10;
  private static final long FIRST_NANOS = 1_700_000_000_000_000_000L;

  private ByteFlipDirectory() {}

  static RealServer.Terms make(Path dir) throws Exception {
    RealServer.Terms terms =
        new RealServer.Terms(
            dir,
            Map.of(
                Limit.SEGMENT_BYTES,
                SEGMENT_BYTES,
                Limit.CHECKPOINT_INTERVAL_BYTES,
                SEGMENT_BYTES));
    for (int life = 0; life < 2; life++) {
      try (RealServer server = RealServer.start(terms, 0, List.of())) {
        fill(server, life);
        assertThat(server.stop()).as("it stops cleanly").isZero();
      }
    }
    return terms;
  }

  private static void fill(RealServer server, int life) throws Exception {
    try (WeirClient client = WeirClient.connect(server.address())) {
      for (String topic : List.of("line", "plant")) {
        client.topics().createTopic(topic, PARTITIONS);
        publish(client, topic, new Random(life));
      }
      commit(client);
    }
  }

  private static void publish(WeirClient client, String topic, Random random) throws Exception {
    PublisherOptions options = PublisherOptions.builder(topic).producerId("flips").build();
    try (Publisher publisher = client.publisher(options)) {
      for (int round = 0; round < ROUNDS; round++) {
        long now = FIRST_NANOS + round;
        for (int i = 0; i < SENSORS; i++) {
          String name = "s" + i + "/" + round / (ROUNDS / 2);
          byte[] bytes = new byte[random.nextInt(1_500)];
          random.nextBytes(bytes);
          publisher.sensor(name).publish(now, random.nextDouble());
          sensor(publisher, "integer/" + name, Kind.KIND_INTEGER)
              .publishInteger(now, random.nextLong());
          sensor(publisher, "text/" + name, Kind.KIND_TEXT).publishText(now, "round " + round);
          sensor(publisher, "blob/" + name, Kind.KIND_BLOB).publishBlob(now, bytes);
        }
        publisher.flush().get(1, TimeUnit.MINUTES); // a record of its own
      }
    }
  }

  private static dev.weir.client.SensorHandle sensor(Publisher publisher, String name, Kind kind) {
    return publisher.sensor(SensorOptions.builder(name).kind(kind).build());
  }

  private static void commit(WeirClient client) throws Exception {
    SubscriberOptions options =
        SubscriberOptions.builder("plant").durable("report").untilNow().build();
    try (Subscriber subscriber = client.subscribe(options, reading -> {})) {
      subscriber.completion().get(1, TimeUnit.MINUTES);
    }
  }
}
