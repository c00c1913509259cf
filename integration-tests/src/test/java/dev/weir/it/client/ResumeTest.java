package dev.weir.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.End;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Publishers and subscribers across broken connections and restarted servers: nothing lost or
 * twice.
 */
class ResumeTest {
  private static final int SENSORS = 40;

  @TempDir Path data;
  private ClientTestServer server;

  @BeforeEach
  void start() throws Exception {
    server = new ClientTestServer(data);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void connectionsThatBreakAgainAndAgain_loseNothingAndRepeatNothing(int partitions)
      throws Exception {
    RecordingHandler received = new RecordingHandler();
    int rounds = 600;
    try (DisconnectingProxy proxy = new DisconnectingProxy(server.port());
        WeirClient client = ClientTestServer.client(proxy.port())) {
      client.topics().createTopic("t", partitions);
      Subscriber subscriber =
          client.subscribe(SubscriberOptions.builder("t").fromEarliest().build(), received);
      CompletableFuture<Void> stored =
          publish(
              client,
              rounds,
              round -> {
                if (round % 60 == 30) {
                  received.awaitReadings(round * SENSORS / 4);
                  proxy.breakAll();
                }
              });
      stored.get(60, TimeUnit.SECONDS);
      received.awaitReadings(rounds * SENSORS);
      subscriber.close();
    }
    received.assertCounting(SENSORS, rounds);
    assertLogHolds(rounds);
  }

  @Test
  void serverRestartedInTheMiddleOfAStream_publisherAndSubscriberGoOn() throws Exception {
    RecordingHandler received = new RecordingHandler();
    int rounds = 400;
    try (WeirClient client = server.client()) {
      client.subscribe(SubscriberOptions.builder("t").fromEarliest().build(), received);
      CompletableFuture<Void> stored =
          publish(
              client,
              rounds,
              round -> {
                if (round == 100 || round == 250) {
                  server.restart();
                }
              });
      stored.get(60, TimeUnit.SECONDS);
      received.awaitReadings(rounds * SENSORS);
    }
    received.assertCounting(SENSORS, rounds);
    assertLogHolds(rounds);
  }

  /** A disturbance in the course of publishing. */
  private interface Disturbance {
    void after(int round) throws Exception;
  }

  private static CompletableFuture<Void> publish(
      WeirClient client, int rounds, Disturbance disturbance) throws Exception {
    Publisher publisher =
        client.publisher(
            PublisherOptions.builder("t").producerId("gateway").batchReadingsMax(50).build());
    SensorHandle[] sensors = new SensorHandle[SENSORS];
    for (int i = 0; i < SENSORS; i++) {
      sensors[i] = publisher.sensor("line/" + i);
    }
    for (int round = 0; round < rounds; round++) {
      for (SensorHandle sensor : sensors) {
        sensor.publish(1_700_000_000_000_000_000L + round * 1_000_000L, round);
      }
      disturbance.after(round);
    }
    return publisher.flush();
  }

  private void assertLogHolds(int rounds) throws Exception {
    RecordingHandler all = new RecordingHandler();
    try (WeirClient fresh = server.client()) {
      Subscriber subscriber =
          fresh.subscribe(SubscriberOptions.builder("t").fromEarliest().untilNow().build(), all);
      End end = subscriber.completion().get(60, TimeUnit.SECONDS);
      assertThat(end.cursor()).isNotEmpty();
      assertThat(subscriber.readingsDelivered()).isEqualTo((long) rounds * SENSORS);
      assertThat(fresh.drain(Duration.ofSeconds(5))).isTrue();
    }
    all.assertCounting(SENSORS, rounds);
  }
}
