package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.DeliveryAudit;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.NumberedPublisher;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Batch;
import dev.weir.v1.Credit;
import dev.weir.v1.Format;
import dev.weir.v1.Kind;
import dev.weir.v1.Phase;
import dev.weir.v1.Problem;
import dev.weir.v1.Sensor;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rule 5 of SubscribeService: a snapshot, then everything stored after it. */
final class SnapshotContractTest extends ContractTest {
  private static Subscription.Builder snapshot(RawSubscribeSession subscriber, int id) {
    return subscriber.everything(id).clearStart().setSnapshot(true);
  }

  /** Index of the response in which a subscription enters a phase. */
  private static int phase(List<SubscribeResponse> all, int id, Phase phase) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).hasPhase()
          && all.get(i).getPhase().getSubscription() == id
          && all.get(i).getPhase().getPhase() == phase) {
        return i;
      }
    }
    throw new AssertionError("no " + phase + " in " + all);
  }

  private static List<DeliveredReading> inSnapshot(RawSubscribeSession subscriber, int id) {
    List<SubscribeResponse> all = subscriber.responses().all();
    int end = phase(all, id, Phase.PHASE_SNAPSHOT_END);
    return RawSubscribeSession.decode(all.subList(0, end), id);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "IN_PROCESS_1,FORMAT_COLUMNS", "IN_PROCESS_3,FORMAT_ROWS",
    "NETTY_1,FORMAT_ROWS", "NETTY_3,FORMAT_COLUMNS"
  })
  void rule5_snapshotIsAsOfItsEnd_whileReadingsAreStored(TransportSetup setup, Format format) {
    TestTopic topic = topic(setup);
    int sensors = 7;
    NumberedPublisher numbers = new NumberedPublisher(topic, sensors).send(200, 10).settle();
    RawSubscribeSession subscriber = topic.subscriber().open();
    for (int id = 0; id < 10; id++) {
      numbers.send(50, 5);
      subscriber.add(snapshot(subscriber, id).setFormat(format));
      numbers.send(50, 5);
    }
    subscriber.responses().awaitAll("every snapshot", all -> snapshotEnds(all) == 10);
    numbers.send(50, 5).settle(); // so that something follows each of them
    for (int id = 0; id < 10; id++) {
      int subscription = id;
      subscriber
          .responses()
          .awaitAll(
              "all of " + id,
              all -> DeliveryAudit.reaches(topic, all, subscription, numbers.sent()));
      checkConsistent(topic, numbers, subscriber, id, sensors);
    }
  }

  private static long snapshotEnds(List<SubscribeResponse> all) {
    return all.stream()
        .filter(said -> said.getPhase().getPhase() == Phase.PHASE_SNAPSHOT_END)
        .count();
  }

  /**
   * Checks that what follows begins at some number, and that the snapshot is exactly what stood
   * before it.
   */
  private static void checkConsistent(
      TestTopic topic,
      NumberedPublisher numbers,
      RawSubscribeSession subscriber,
      int id,
      int sensors) {
    List<SubscribeResponse> all = subscriber.responses().all();
    int begin = phase(all, id, Phase.PHASE_SNAPSHOT_BEGIN);
    int end = phase(all, id, Phase.PHASE_SNAPSHOT_END);
    assertThat(RawSubscribeSession.decode(all.subList(0, begin), id)).isEmpty();
    assertThat(all.get(begin).getPhase().getCursor()).isEmpty();
    for (int i = begin; i < end; i++) {
      assertThat(
              all.get(i).getDelivery().getSubscription() == id
                  && !all.get(i).getDelivery().getCursor().isEmpty())
          .as("no cursors inside a snapshot")
          .isFalse();
    }
    List<DeliveredReading> values = inSnapshot(subscriber, id);
    List<DeliveredReading> after =
        subscriber.readings(id).subList(values.size(), subscriber.readings(id).size());
    String cursor = all.get(end).getPhase().getCursor();
    List<DeliveredReading> resumed =
        topic.tail(topic.everything().setStart(StartPositions.after(cursor)).build());
    for (int p = 0; p < topic.partitions(); p++) {
      List<Double> follows = TopicFiller.values(TopicFiller.of(after, p));
      long first = follows.get(0).longValue();
      for (int i = 0; i < follows.size(); i++) {
        assertThat(follows.get(i)).isEqualTo((double) (first + i));
      }
      Map<String, Double> expected = new HashMap<>();
      for (long number = Math.max(0, first - sensors); number < first; number++) {
        expected.put(numbers.sensor(p, number), (double) number);
      }
      List<DeliveredReading> own = TopicFiller.of(values, p);
      assertThat(own).as("once each").hasSameSizeAs(expected.keySet());
      own.forEach(got -> assertThat(got.value()).isEqualTo(expected.get(got.sensor())));
      assertThat(TopicFiller.values(TopicFiller.of(resumed, p)))
          .as("behind SNAPSHOT_END")
          .isEqualTo(follows);
    }
  }

  @EachTransport
  void rule5_snapshotWithAnotherStart_isRefusedInModeEvery(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TopicFiller.one(topic, 1);
    String cursor = topic.stored().get(0).cursor();
    RawSubscribeSession subscriber = topic.subscriber().open();
    List<Start> starts =
        List.of(
            StartPositions.after(cursor),
            StartPositions.earliest(),
            Start.newBuilder().setFromTime(Timestamp.newBuilder().setSeconds(1)).build());
    for (Start start : starts) {
      Problem problem = subscriber.add(snapshot(subscriber, 1).setStart(start)).getProblem();
      assertThat(problem.getReason()).isEqualTo("INVALID_ARGUMENT");
      assertThat(problem.getFieldViolations(0).getField()).isEqualTo("snapshot");
    }
    assertThat(
            subscriber
                .add(snapshot(subscriber, 1).setStart(Start.newBuilder().setLatest(true)))
                .hasProblem())
        .isFalse();
  }

  @EachSetup
  void rule5_sensorsWithoutAValue_areNotInIt_norOnAnEmptyTopic(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession empty = topic.subscriber();
    empty.open(snapshot(empty, 1));
    empty.awaitPhase(1, Phase.PHASE_SNAPSHOT_BEGIN);
    empty.awaitPhase(1, Phase.PHASE_SNAPSHOT_END);
    empty.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    assertThat(empty.readings(1)).isEmpty();

    RawPublishSession publisher = topic.publisher().opened();
    for (int p = 0; p < setup.partitions(); p++) {
      publisher.define(p + 1, TestBatches.sensor(topic.sensor(p, 5), Kind.KIND_TEXT));
      publisher.store(p, 1, TestBatches.rows(topic.sensor(p, 0), 1, 2));
    }
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(snapshot(subscriber, 1));
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    assertThat(TopicFiller.values(inSnapshot(subscriber, 1)))
        .hasSize(setup.partitions())
        .containsOnly(2.0);
    assertThat(TopicFiller.values(empty.awaitReadings(1, 2L * setup.partitions())))
        .as("after the empty snapshot everything")
        .hasSize(2 * setup.partitions());
  }

  @EachSetup
  void rule5_lastIsTheGreatestEventTime_tiesLaterInTheLog(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession publisher = topic.publisher().opened();
    int last = topic.lastPartition();
    String sensor = topic.sensor(last, 0);
    publisher.store(last, 1, at(sensor, 100, 1));
    publisher.store(last, 2, at(sensor, 300, 2));
    publisher.store(last, 3, at(sensor, 300, 3));
    publisher.store(last, 4, at(sensor, 200, 4)); // a backfill hides nothing
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(snapshot(subscriber, 1));
    subscriber.awaitPhase(1, Phase.PHASE_SNAPSHOT_END);

    assertThat(TopicFiller.values(subscriber.readings(1))).containsExactly(3.0);
  }

  private static Batch at(String sensor, long seconds, double value) {
    return Batch.newBuilder()
        .addRows(
            TestBatches.row(sensor, value)
                .setTime(Timestamp.newBuilder().setSeconds(seconds).build()))
        .build();
  }

  @EachSetup
  void rule5_creditHoldsASnapshotToo_andCharges(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    int sensors = 200;
    new NumberedPublisher(topic, sensors).send(sensors, sensors).settle();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        snapshot(subscriber, 1).setCredit(Credit.newBuilder().setReadings(0)),
        snapshot(subscriber, 2));
    subscriber.awaitPhase(2, Phase.PHASE_SNAPSHOT_END);
    assertThat(subscriber.readings(1)).as("no credit").isEmpty();

    subscriber.creditReadings(1, 1);
    subscriber.awaitReadings(1, 1);
    subscriber.ping(1);
    assertThat(subscriber.deliveries(1)).as("one delivery may overrun").hasSize(1);
    assertThat(subscriber.phases(1)).doesNotContain(Phase.PHASE_SNAPSHOT_END);
    subscriber.creditReadings(1, (long) sensors * setup.partitions());
    subscriber.awaitPhase(1, Phase.PHASE_SNAPSHOT_END);
    assertThat(subscriber.readings(1)).hasSize(sensors * setup.partitions());
  }

  @EachSetup
  void rule5_cutBeforeItsEnd_isBegunAgain(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    int sensors = 200;
    NumberedPublisher numbers =
        new NumberedPublisher(topic, sensors).send(sensors, sensors).settle();
    RawSubscribeSession cut = topic.subscriber();
    cut.open(snapshot(cut, 1).setCredit(Credit.newBuilder().setReadings(50)));
    cut.awaitReadings(1, 50);
    assertThat(cut.deliveries(1)).allMatch(delivery -> delivery.getCursor().isEmpty());
    cut.cancel();
    numbers.send(sensors, sensors).settle();

    RawSubscribeSession again = topic.subscriber();
    again.open(snapshot(again, 1));
    again.awaitPhase(1, Phase.PHASE_SNAPSHOT_END);
    assertThat(inSnapshot(again, 1)).hasSize(sensors * setup.partitions());
    assertThat(inSnapshot(again, 1)).allMatch(got -> got.value() >= sensors);
  }

  @EachSetup
  void rule5_selectorsAndRestarts_holdForSnapshots(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    new NumberedPublisher(topic, 4).send(100, 10).settle();
    topic.server().kill();
    topic.server().startAgain();
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder some = snapshot(subscriber, 1);
    some.getSelectorBuilder().clearAll().addGlobs("line2/*");
    subscriber.open(some, snapshot(subscriber, 2).setMaxMessageBytes(16 << 10));
    subscriber.awaitPhase(1, Phase.PHASE_SNAPSHOT_END);
    subscriber.awaitPhase(2, Phase.PHASE_SNAPSHOT_END);

    assertThat(TopicFiller.values(inSnapshot(subscriber, 1)))
        .hasSize(setup.partitions())
        .containsOnly(98.0);
    assertThat(inSnapshot(subscriber, 2)).hasSize(4 * setup.partitions());
  }

  @EachTransport
  void snapshotOfColumns_tellsItsSensorsFirst(TransportSetup setup) {
    TestTopic topic = topic(setup);
    new NumberedPublisher(topic, 3).send(3, 3).settle();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(snapshot(subscriber, 1).setFormat(Format.FORMAT_COLUMNS));
    subscriber.awaitPhase(1, Phase.PHASE_SNAPSHOT_END);

    List<Sensor> told =
        subscriber.responses().all().stream()
            .flatMap(said -> said.getSensors().getSensorsList().stream())
            .toList();
    assertThat(told).hasSize(3);
    assertThat(subscriber.readings(1))
        .extracting(DeliveredReading::value)
        .containsExactly(0.0, 1.0, 2.0);
  }
}
