package dev.weir.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.BatchAck;
import dev.weir.client.ClientOptions;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SpoolOptions;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A publisher with a spool whose server comes back with other limits each time. */
class SpoolLimitsTest {
  private static final int SENSORS = 10;
  private static final int ROUNDS = 200;
  private static final List<Integer> READINGS_MAX = List.of(7, 100, 3, 1_000, 1, 65_536, 5);

  @TempDir private Path data;
  @TempDir private Path spool;

  private final Queue<String> rejected = new ConcurrentLinkedQueue<>();
  private ClientTestServer server;
  private WeirClient client;
  private Publisher publisher;
  private int round;

  @BeforeEach
  void start() throws Exception {
    server = new ClientTestServer(data);
    client = connect();
    client.topics().createTopic("t", 3);
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  @Test
  void whileThePublisherLives_andWhileItIsAway_everyReadingIsStoredOnceInOrder() throws Exception {
    publisher = open();
    for (int readingsMax : READINGS_MAX) {
      publish();
      boolean away = readingsMax % 2 == 0;
      if (away) {
        client.close();
      }
      server.restart(Limits.defaults().with(Limit.BATCH_READINGS_MAX, readingsMax));
      if (away) {
        client = connect();
        publisher = open();
      }
      publish();
    }
    publisher.flush().get(60, TimeUnit.SECONDS);
    assertThat(rejected).isEmpty();

    RecordingHandler all = new RecordingHandler();
    Subscriber subscriber =
        client.subscribe(SubscriberOptions.builder("t").fromEarliest().untilNow().build(), all);
    subscriber.completion().get(60, TimeUnit.SECONDS);
    all.assertCounting(SENSORS, round);
  }

  private WeirClient connect() {
    return WeirClient.connect(
        ClientOptions.builder("localhost:" + server.port()).closeTimeout(Duration.ZERO).build());
  }

  private Publisher open() {
    return client.publisher(
        PublisherOptions.builder("t")
            .producerId("gateway")
            .spool(SpoolOptions.of(spool))
            .listener(
                new PublisherListener() {
                  @Override
                  public void onRejected(int partition, int readings, WeirException cause) {
                    rejected.add(cause.getMessage());
                  }
                })
            .build());
  }

  /** Some readings of each sensor, all of them accepted. */
  private void publish() throws Exception {
    List<CompletableFuture<BatchAck>> accepted = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++, round++) {
      for (int sensor = 0; sensor < SENSORS; sensor++) {
        accepted.add(publisher.sensor("line/" + sensor).publish(1_000L * round, round));
      }
    }
    for (CompletableFuture<BatchAck> reading : accepted) {
      reading.get(30, TimeUnit.SECONDS);
    }
  }
}
