package dev.weir.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Publisher;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.Direction;
import dev.weir.v1.Phase;
import java.time.Duration;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Reduced modes through the public client. */
class ModesTest extends ClientServerTest {
  private static final int SENSORS = 40;

  /**
   * Publishes values and returns those that arrive live in a mode; the first value of another
   * sensor ends it.
   */
  private RecordingHandler reduced(SubscriberOptions.Builder options, double... values)
      throws Exception {
    RecordingHandler received = new RecordingHandler();
    RecordingListener heard = new RecordingListener();
    client.subscribe(options.listener(heard).build(), received);
    heard.awaitPhase(Phase.PHASE_SNAPSHOT_END);
    publish("s", values);
    publish("end", 0);
    await("the end arrives").until(() -> !received.of("end").isEmpty());
    return received;
  }

  private static SubscriberOptions.Builder topic() {
    return SubscriberOptions.builder("t");
  }

  @Test
  void onChange_sendsWhatLeavesTheDeadBandAroundTheLastOneSent() throws Exception {
    client.topics().createTopic("t", 1);
    RecordingHandler received =
        reduced(topic().onChange(1.0), 0, 0.5, 1.0, 1.5, 2.0, 2.5, 2.6, 1.5);
    assertThat(received.of("s")).containsExactly(0.0, 1.5, 2.6, 1.5);
  }

  @Test
  void sample_sendsTheFirstOfAnInterval() throws Exception {
    client.topics().createTopic("t", 1);
    RecordingHandler received =
        reduced(
            topic().sample(Duration.ofHours(24)),
            DoubleStream.iterate(0, v -> v + 1).limit(50).toArray());
    // The test may run over midnight, where the second interval begins.
    assertThat(received.of("s")).startsWith(0.0).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void threshold_sendsCrossingsThatWentBackFarEnough() throws Exception {
    client.topics().createTopic("t", 1);
    RecordingHandler received =
        reduced(topic().threshold(10, Direction.DIRECTION_RISING, 2), 5, 9, 11, 12, 9, 11, 7, 10.5);
    assertThat(received.of("s")).containsExactly(5.0, 11.0, 10.5);
  }

  @Test
  void onChange_beginsWithWhatWasLastSentOfEachSensor() throws Exception {
    publish("s", 0, 5, 5.5);
    RecordingHandler received = reduced(topic().onChange(1.0), 5.7, 7);
    assertThat(received.of("s")).hasSize(2).endsWith(7.0);
  }

  @Test
  void cutAgainAndAgainInAReducedMode_eachJoinIsASnapshotAndNothingIsMissedBehindIt()
      throws Exception {
    client.topics().createTopic("t", 2);
    SequenceCheckHandler whole = new SequenceCheckHandler(true);
    SequenceCheckHandler cut = new SequenceCheckHandler(true);
    try (DisconnectingProxy proxy = new DisconnectingProxy(server.port());
        WeirClient throughProxy = ClientTestServer.client(proxy.port())) {
      client.subscribe(topic().onChange(0).listener(whole).build(), whole);
      throughProxy.subscribe(topic().onChange(0).listener(cut).build(), cut);
      whole.awaitPhase(Phase.PHASE_SNAPSHOT_END);
      cut.awaitPhase(Phase.PHASE_SNAPSHOT_END);
      try (Publisher publisher = client.publisher("t")) {
        Rounds load = new Rounds(publisher, SENSORS);
        for (int round = 0; round < 1_000; round++) {
          int value = round / 5;
          load.publish(round, value);
          if (round % 200 == 100) {
            cut.awaitAll(SENSORS, value);
            proxy.breakAll();
          }
        }
      }
      whole.awaitAll(SENSORS, 199);
      cut.awaitAll(SENSORS, 199);
    }
    assertThat(whole.count(Phase.PHASE_SNAPSHOT_BEGIN)).isEqualTo(1);
    assertThat(cut.count(Phase.PHASE_SNAPSHOT_BEGIN)).isGreaterThanOrEqualTo(6);
    assertThat(cut.missing()).isZero();
  }
}
