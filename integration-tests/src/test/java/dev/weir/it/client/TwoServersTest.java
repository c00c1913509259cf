package dev.weir.it.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.BatchAck;
import dev.weir.client.ClientOptions;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.service.app.WeirServer;
import dev.weir.service.config.ServerConfig;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client with two addresses, of which one at a time has a server. */
class TwoServersTest {
  private static final long TIME = 1_700_000_000_000_000_000L;
  private static final int SENSORS = 10;

  @TempDir Path data;
  @TempDir Path otherData;
  private final int[] ports = new int[2];
  private WeirServer server;
  private WeirClient client;

  @BeforeEach
  void start() throws Exception {
    try (ServerSocket one = new ServerSocket(0);
        ServerSocket two = new ServerSocket(0)) {
      ports[0] = one.getLocalPort();
      ports[1] = two.getLocalPort();
    }
    server = serverAt(0, data);
    client = client();
  }

  private WeirClient client() {
    return WeirClient.connect(
        ClientOptions.builder("localhost:" + ports[0] + ", localhost:" + ports[1])
            .backoffSeed(1)
            .build());
  }

  private WeirServer serverAt(int place, Path directory) throws IOException {
    return WeirServer.start(ServerConfig.defaults().withDataDir(directory).withPort(ports[place]));
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  private void moveTo(int place, Path directory) throws IOException {
    server.close();
    server = serverAt(place, directory);
  }

  @Test
  void serverThatGoes_isFollowedToTheOtherAddress_andBack_withoutLossOrRepeat() throws Exception {
    int rounds = 300;
    RecordingHandler received = new RecordingHandler();
    client.subscribe(SubscriberOptions.builder("t").fromEarliest().build(), received);
    PublisherOptions options =
        PublisherOptions.builder("t").producerId("gateway").batchReadingsMax(20).build();
    try (Publisher publisher = client.publisher(options)) {
      SensorHandle[] sensors = new SensorHandle[SENSORS];
      for (int i = 0; i < SENSORS; i++) {
        sensors[i] = publisher.sensor("line/" + i);
      }
      for (int round = 0; round < rounds; round++) {
        for (SensorHandle sensor : sensors) {
          sensor.publish(TIME + round, round);
        }
        if (round == 100 || round == 200) {
          moveTo(round == 100 ? 1 : 0, data);
          assertThat(client.serverInfo().getDevelopmentMode()).isTrue();
        }
      }
      publisher.flush().get(60, SECONDS);
      received.awaitReadings(SENSORS * rounds);
    }
    received.assertCounting(SENSORS, rounds);
  }

  @Test
  void firstAddressWithoutAServer_isPassedOver() {
    for (int i = 0; i < 4; i++) { // whichever is the first in a shuffled order
      try (WeirClient another =
          WeirClient.connect("localhost:" + ports[0] + ",localhost:" + ports[1])) {
        assertThat(another.serverInfo().getEngine()).isEqualTo("segment");
      }
    }
  }

  @Test
  void anotherLogBehindTheOtherAddress_isNeverTakenForTheSame() throws Exception {
    PublisherListener heard = new PublisherListener() {};
    PublisherOptions options =
        PublisherOptions.builder("t").producerId("gateway").listener(heard).build();
    Publisher publisher = client.publisher(options);
    SensorHandle sensor = publisher.sensor("a");
    sensor.publish(TIME, 1).get(10, SECONDS);
    RecordingHandler received = new RecordingHandler();
    Subscriber subscriber =
        client.subscribe(SubscriberOptions.builder("t").fromEarliest().build(), received);
    received.awaitReadings(1);
    await().until(() -> !subscriber.cursor().isEmpty());

    server.close();
    CompletableFuture<BatchAck> unsettled = sensor.publish(TIME + 1, 2);
    server = serverAt(1, otherData);

    assertReason(unsettled, WeirException.TOPIC_REPLACED);
    assertReason(subscriber.completion(), "CURSOR_INVALID");
    assertThat(received.of("a")).containsExactly(1.0);
  }

  private static void assertReason(CompletableFuture<?> future, String reason) {
    assertThatThrownBy(() -> future.get(20, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(WeirException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  void noServerAnywhere_endsInOneExceptionThatTellsTheTries() throws Exception {
    server.close();
    try (WeirClient hopeless =
        WeirClient.connect(
            ClientOptions.builder("localhost:" + ports[0] + ",localhost:" + ports[1])
                .giveUpAfter(Duration.ofSeconds(1))
                .closeTimeout(Duration.ZERO)
                .build())) {
      CompletableFuture<?> end =
          hopeless
              .subscribe(SubscriberOptions.builder("t").build(), new RecordingHandler())
              .completion();
      assertThatThrownBy(() -> end.get(20, SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              WeirException.class,
              e -> {
                assertThat(e.reason()).isEqualTo("UNAVAILABLE");
                assertThat(e.attempts())
                    .hasSizeBetween(2, WeirException.ATTEMPTS_MAX)
                    .extracting(attempt -> attempt.address())
                    .contains("localhost:" + ports[0], "localhost:" + ports[1]);
              });
    }
  }
}
