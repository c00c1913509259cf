package dev.weir.it.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.DoubleHandler;
import dev.weir.client.End;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorInfo;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.EndReason;
import dev.weir.v1.Phase;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Progress;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.Start;
import dev.weir.v1.SubscriptionStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Subscribing through the public client. */
class SubscribeTest {
  private static final long TIME = 1_700_000_000_000_000_000L;

  @TempDir Path data;
  private ClientTestServer server;
  private WeirClient client;

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

  @Test
  void liveSubscription_getsWhatIsPublishedAfterItBegan() throws Exception {
    publish("old", 5);
    CountDownLatch active = new CountDownLatch(1);
    Queue<Phase> phases = new ConcurrentLinkedQueue<>();
    RecordingHandler received = new RecordingHandler();
    client.subscribe(
        SubscriberOptions.builder("t")
            .listener(
                new SubscriberListener() {
                  @Override
                  public void onActive(SubscriptionStatus status) {
                    active.countDown();
                  }

                  @Override
                  public void onPhase(PhaseChange phase) {
                    phases.add(phase.getPhase());
                  }
                })
            .build(),
        received);
    assertThat(active.await(10, SECONDS)).isTrue();
    publish("new", 5);
    received.awaitReadings(5);
    assertThat(received.of("new")).containsExactly(0.0, 1.0, 2.0, 3.0, 4.0);
    assertThat(received.of("old")).isEmpty();
    await().untilAsserted(() -> assertThat(phases).contains(Phase.PHASE_CAUGHT_UP));
  }

  @Test
  void namedSensors_arriveAndOthersDoNot() throws Exception {
    publish("a", 10);
    publish("b", 10);
    RecordingHandler received = new RecordingHandler();
    client
        .subscribe(
            SubscriberOptions.builder("t").sensors("b").fromEarliest().untilNow().build(), received)
        .completion()
        .get(10, SECONDS);
    assertThat(received.readings()).isEqualTo(10);
    assertThat(received.of("b")).hasSize(10);
  }

  @Test
  void untilCount_endsThereAndItsCursorGivesTheRest() throws Exception {
    publish("s", 100);
    RecordingHandler first = new RecordingHandler();
    End end =
        client
            .subscribe(SubscriberOptions.builder("t").fromEarliest().untilCount(37).build(), first)
            .completion()
            .get(10, SECONDS);
    assertThat(end.reason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
    assertThat(first.readings()).isEqualTo(37);
    RecordingHandler rest = new RecordingHandler();
    client
        .subscribe(
            SubscriberOptions.builder("t").afterCursor(end.cursor()).untilNow().build(), rest)
        .completion()
        .get(10, SECONDS);
    assertThat(rest.of("s")).hasSize(63).startsWith(37.0);
  }

  @Test
  void fromTime_beginsWithWhatWasStoredSince() throws Exception {
    publish("s", 3);
    Instant before = Instant.now();
    await().until(() -> Instant.now().isAfter(before.plusMillis(20)));
    Instant then = Instant.now();
    publish("t", 3);
    RecordingHandler received = new RecordingHandler();
    client
        .subscribe(SubscriberOptions.builder("t").fromTime(then).untilNow().build(), received)
        .completion()
        .get(10, SECONDS);
    assertThat(received.of("s")).isEmpty();
    assertThat(received.of("t")).hasSize(3);
  }

  @Test
  void rowForm_everyReadingsCursorResumesAtTheNext() throws Exception {
    publish("s", 20);
    List<Reading> all = rows(SubscriberOptions.builder("t").fromEarliest());
    assertThat(all).hasSize(20);
    for (int i = 0; i < 20; i++) {
      List<Reading> rest = rows(SubscriberOptions.builder("t").afterCursor(all.get(i).getCursor()));
      assertThat(rest).hasSize(19 - i);
    }
  }

  @Test
  void handlerThatThrows_endsAtTheLastFinishedDelivery() throws Exception {
    publishSlowly("s", 30);
    List<Double> finished = new ArrayList<>();
    List<Double> delivery = new ArrayList<>();
    Subscriber subscriber =
        client.subscribe(
            SubscriberOptions.builder("t").fromEarliest().creditReadings(1).build(),
            new DoubleHandler() {
              @Override
              public void onDouble(SensorInfo sensor, long time, double value) {
                if (value == 17) {
                  throw new IllegalStateException("does not like 17");
                }
                delivery.add(value);
              }

              @Override
              public void onBatch(String cursor) {
                finished.addAll(delivery);
                delivery.clear();
              }
            });
    assertThatThrownBy(() -> subscriber.completion().get(10, SECONDS))
        .hasRootCauseMessage("does not like 17");
    RecordingHandler rest = new RecordingHandler();
    client
        .subscribe(
            SubscriberOptions.builder("t").afterCursor(subscriber.cursor()).untilNow().build(),
            rest)
        .completion()
        .get(10, SECONDS);
    finished.addAll(rest.of("s"));
    assertThat(finished).hasSize(30).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void smallCredit_isReturnedAsTheHandlerFinishes() throws Exception {
    publish("s", 20_000);
    RecordingHandler received = new RecordingHandler();
    client
        .subscribe(
            SubscriberOptions.builder("t")
                .fromEarliest()
                .untilNow()
                .creditReadings(7)
                .creditBytes(1_024)
                .build(),
            received)
        .completion()
        .get(30, SECONDS);
    received.assertCounting(1, 20_000);
  }

  @Test
  void stuckHandler_isNotSentMoreThanItsCredit() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    RecordingHandler received = new RecordingHandler();
    Queue<Progress> progress = new ConcurrentLinkedQueue<>();
    publishSlowly("s", 1);
    client.subscribe(
        SubscriberOptions.builder("t")
            .fromEarliest()
            .creditReadings(10)
            .progressInterval(Duration.ofMillis(100))
            .listener(
                new SubscriberListener() {
                  @Override
                  public void onProgress(Progress message) {
                    progress.add(message);
                  }
                })
            .build(),
        new DoubleHandler() {
          @Override
          public void onDouble(SensorInfo sensor, long time, double value) {
            awaitOpen(release);
            received.onDouble(sensor, time, value);
          }
        });
    publishSlowly("s", 99);
    release.countDown();
    received.awaitReadings(100);
    await().untilAsserted(() -> assertThat(progress).anyMatch(p -> p.getLagReadings() == 0));
  }

  @Test
  void wrongCursor_endsWithTheServersReason() {
    Subscriber subscriber =
        client.subscribe(
            SubscriberOptions.builder("t").afterCursor("bm90LWEtY3Vyc29y").build(),
            new RecordingHandler());
    assertThatThrownBy(() -> subscriber.completion().get(10, SECONDS))
        .hasCauseInstanceOf(WeirException.class)
        .hasMessageContaining("CURSOR_INVALID");
  }

  @Test
  void drainAndClose_endAsRemovedAtTheCursor() throws Exception {
    publish("s", 10);
    RecordingHandler received = new RecordingHandler();
    Subscriber subscriber =
        client.subscribe(SubscriberOptions.builder("t").fromEarliest().build(), received);
    received.awaitReadings(10);
    assertThat(subscriber.drain(Duration.ofSeconds(10))).isTrue();
    End end = subscriber.completion().get(10, SECONDS);
    assertThat(end.reason()).isEqualTo(EndReason.END_REASON_REMOVED);
    assertThat(end.cursor()).isEqualTo(subscriber.cursor()).isNotEmpty();
    subscriber.close();

    Subscriber closed = client.subscribe(SubscriberOptions.of("t"), received);
    closed.close();
    closed.close();
    assertThat(closed.completion().get(10, SECONDS).reason())
        .isEqualTo(EndReason.END_REASON_REMOVED);
  }

  @Test
  void read_givesAPageAndTheNextCursor() throws Exception {
    publish("s", 10);
    var page =
        client.read(
            ReadRequest.newBuilder()
                .setTopic("t")
                .setStart(Start.newBuilder().setEarliest(true))
                .setLimit(4)
                .build());
    assertThat(page.getReadingsCount()).isEqualTo(4);
    assertThat(page.getNextCursor()).isNotEmpty();
  }

  private static void awaitOpen(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private List<Reading> rows(SubscriberOptions.Builder options) throws Exception {
    List<Reading> rows = new ArrayList<>();
    client.subscribe(options.untilNow().rows().build(), rows::add).completion().get(10, SECONDS);
    return rows;
  }

  private void publish(String sensor, int readings) throws Exception {
    try (Publisher publisher = client.publisher("t")) {
      SensorHandle handle = publisher.sensor(sensor);
      for (int i = 0; i < readings; i++) {
        handle.publish(TIME + i, i);
      }
      publisher.flush().get(30, SECONDS);
    }
  }

  /** A record for each reading. */
  private void publishSlowly(String sensor, int readings) throws Exception {
    PublisherOptions options = PublisherOptions.builder("t").batchReadingsMax(1).build();
    try (Publisher publisher = client.publisher(options)) {
      SensorHandle handle = publisher.sensor(sensor);
      for (int i = 0; i < readings; i++) {
        handle.publish(TIME + i, i);
      }
      publisher.flush().get(30, SECONDS);
    }
  }
}
