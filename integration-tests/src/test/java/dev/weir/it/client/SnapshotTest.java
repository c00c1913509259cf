package dev.weir.it.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.LastValues;
import dev.weir.client.Publisher;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.Phase;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Last values, then everything stored after them, through the public client. */
class SnapshotTest extends ClientServerTest {
  private static final int SENSORS = 500;

  @Test
  void snapshotInTheMiddleOfAStream_isEachSensorOnceThenEveryLaterReading() throws Exception {
    List<SequenceCheckHandler> subscribers = new ArrayList<>();
    try (Publisher publisher = client.publisher("t")) {
      Rounds load = new Rounds(publisher, SENSORS);
      for (int round = 0; round < 200; round++) {
        load.publish(round, round);
        if (round % 40 == 20) {
          publisher.flush().get(30, SECONDS);
          subscribers.add(subscribe(client, new SequenceCheckHandler(false)));
        }
      }
    }
    for (SequenceCheckHandler subscriber : subscribers) {
      subscriber.awaitAll(SENSORS, 199);
      assertThat(subscriber.phases())
          .startsWith(Phase.PHASE_SNAPSHOT_BEGIN, Phase.PHASE_SNAPSHOT_END);
      assertThat(subscriber.count(Phase.PHASE_SNAPSHOT_BEGIN)).isEqualTo(1);
    }
  }

  private static SequenceCheckHandler subscribe(WeirClient client, SequenceCheckHandler staircase) {
    client.subscribe(
        SubscriberOptions.builder("t").snapshot().listener(staircase).build(), staircase);
    return staircase;
  }

  @Test
  void cutInsideTheSnapshot_beginsItAgain_andGoesOnExactlyBehindIt() throws Exception {
    publishRounds(SENSORS * 10, 3);
    try (DisconnectingProxy proxy = new DisconnectingProxy(server.port());
        WeirClient cut = ClientTestServer.client(proxy.port())) {
      SequenceCheckHandler staircase = new CutsAtBegin(proxy, 3);
      Subscriber subscriber =
          cut.subscribe(
              SubscriberOptions.builder("t")
                  .snapshot()
                  .creditReadings(100)
                  .maxMessageBytes(16 * 1024)
                  .listener(staircase)
                  .build(),
              staircase);
      staircase.awaitPhase(Phase.PHASE_SNAPSHOT_END);
      assertThat(staircase.disconnects()).isGreaterThanOrEqualTo(3);
      long begun = staircase.count(Phase.PHASE_SNAPSHOT_BEGIN);
      assertThat(begun).isGreaterThanOrEqualTo(4);
      try (Publisher publisher = client.publisher("t")) {
        Rounds load = new Rounds(publisher, SENSORS * 10);
        for (int round = 3; round < 6; round++) {
          load.publish(round, round);
          publisher.flush().get(30, SECONDS);
          proxy.breakAll();
        }
      }
      staircase.awaitAll(SENSORS * 10, 5);
      assertThat(staircase.count(Phase.PHASE_SNAPSHOT_BEGIN)).isEqualTo(begun);
      assertThat(subscriber.completion()).isNotDone();
    }
  }

  /** Breaks the connection at the first beginnings of a snapshot. */
  private static final class CutsAtBegin extends SequenceCheckHandler {
    private final DisconnectingProxy proxy;
    private int left;

    CutsAtBegin(DisconnectingProxy proxy, int cuts) {
      super(false);
      this.proxy = proxy;
      this.left = cuts;
    }

    @Override
    public synchronized void onPhase(PhaseChange phase) {
      super.onPhase(phase);
      if (phase.getPhase() == Phase.PHASE_SNAPSHOT_BEGIN && left > 0) {
        left--;
        proxy.breakAll();
      }
    }
  }

  @Test
  void cursorInsideTheSnapshot_isEmpty_andItsEndIsAPosition() throws Exception {
    publishRounds(10, 1);
    List<String> inside = new ArrayList<>();
    RecordingHandler received = new RecordingHandler();
    RecordingListener heard = new RecordingListener();
    Subscriber subscriber =
        client.subscribe(
            SubscriberOptions.builder("t").snapshot().rows().listener(heard).build(),
            reading -> inside.add(reading.getCursor()));
    heard.awaitPhase(Phase.PHASE_SNAPSHOT_END);
    assertThat(subscriber.drain(Duration.ofSeconds(10))).isTrue();
    assertThat(inside).hasSize(10).containsOnly("");
    publish("later", 0, 1, 2);
    client
        .subscribe(
            SubscriberOptions.builder("t").afterCursor(subscriber.cursor()).untilNow().build(),
            received)
        .completion()
        .get(10, SECONDS);
    assertThat(received.of("later")).containsExactly(0.0, 1.0, 2.0);
    assertThat(received.readings()).isEqualTo(3);
  }

  @Test
  void latest_isTheGreatestEventTimeOfEachSensor_andItsCursorGoesOn() throws Exception {
    publishRounds(2_500, 2);
    publish("s", 1, 2, 3);
    publish("s", 4, 5); // earlier event times than that of 3: a backfill hides nothing
    LastValues latest = client.latest("t");
    List<Reading> readings = new ArrayList<>();
    latest.forEach(readings::add);
    assertThat(readings).hasSize(2_501);
    assertThat(readings)
        .filteredOn(reading -> reading.getSensor().equals("s"))
        .singleElement()
        .extracting(Reading::getDouble)
        .isEqualTo(3.0);
    assertThat(latest.tooLarge()).isEmpty();
    publish("s", 6);
    RecordingHandler received = new RecordingHandler();
    client
        .subscribe(
            SubscriberOptions.builder("t").afterCursor(latest.cursor()).untilNow().build(),
            received)
        .completion()
        .get(10, SECONDS);
    assertThat(received.of("s")).containsExactly(6.0);
  }
}
