package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.DoubleHandler;
import dev.weir.client.End;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.service.config.Limit;
import dev.weir.v1.Durability;
import dev.weir.v1.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** BUFFERED survives a killed process: {@code -Dweir.it.rounds=50} kills more often. */
class BufferedKillTest {
  private static final int ROUNDS = Integer.getInteger("weir.it.rounds", 3);
  private static final long SEED = Long.getLong("weir.it.seed", 20_261_126);
  private static final int BATCHES_MIN = 200;
  private static final long FIRST_NANOS = 1_700_000_000_000_000_000L;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private final Random random = new Random(SEED);
  private final List<Long> lost = new CopyOnWriteArrayList<>();
  private int published;

  @Test
  void serverKilledUnderLoad_losesNothingAcknowledgedAsBuffered() throws Exception {
    // No background sync within a round: what survives, survives by the page cache alone.
    RealServer.Terms terms = new RealServer.Terms(dir, Map.of(Limit.BUFFERED_SYNC_MS, 60_000L));
    RealServer server = RealServer.start(terms, 0, List.of());
    String address = server.address();
    int port = server.port();
    try (WeirClient client = WeirClient.connect(address)) {
      Topic topic =
          Topic.newBuilder().setName("t").setDurability(Durability.DURABILITY_BUFFERED).build();
      client.topics().createTopic(topic);
      PublisherOptions options =
          PublisherOptions.builder("t")
              .producerId("p")
              .batchReadingsMax(1)
              .listener(listener())
              .build();
      try (Publisher publisher = client.publisher(options)) {
        SensorHandle sensor = publisher.sensor("s");
        for (int round = 0; round < ROUNDS; round++) {
          load(publisher, sensor);
          server.kill();
          server = RealServer.start(terms, port, List.of());
          assertThat(server.wasReady()).as("%s", server.words()).isTrue();
        }
        publisher.flush().get(1, TimeUnit.MINUTES);
      }
      assertThat(lost).as("told as lost, seed %d", SEED).isEmpty();
      assertThat(stored(client))
          .as("seed %d", SEED)
          .isEqualTo(IntStream.range(0, published).mapToObj(i -> (double) i).toList());
    } finally {
      server.close();
    }
  }

  /**
   * Publishes readings; those acknowledged when the server dies must be there, the rest is sent
   * again.
   */
  private void load(Publisher publisher, SensorHandle sensor) throws Exception {
    int batches = BATCHES_MIN + random.nextInt(BATCHES_MIN);
    for (int i = 0; i < batches; i++) {
      sensor.publish(FIRST_NANOS + published, published);
      published++;
      if (i == BATCHES_MIN / 2) {
        publisher.flush().get(1, TimeUnit.MINUTES);
      }
    }
  }

  private PublisherListener listener() {
    return new PublisherListener() {
      @Override
      public void onLost(int partition, long fromSequence, long throughSequence) {
        lost.add(fromSequence);
      }
    };
  }

  private static List<Double> stored(WeirClient client) throws Exception {
    List<Double> values = new ArrayList<>();
    SubscriberOptions all = SubscriberOptions.builder("t").fromEarliest().untilNow().build();
    try (Subscriber subscriber =
        client.subscribe(all, (DoubleHandler) (sensor, timeNanos, value) -> values.add(value))) {
      End end = subscriber.completion().get(1, TimeUnit.MINUTES);
      assertThat(end.cursor()).isNotEmpty();
    }
    return values;
  }
}
