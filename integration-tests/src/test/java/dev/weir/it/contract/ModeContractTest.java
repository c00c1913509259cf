package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.file.NioDataFiles;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.v1.Credit;
import dev.weir.v1.Direction;
import dev.weir.v1.Format;
import dev.weir.v1.Mode;
import dev.weir.v1.Phase;
import dev.weir.v1.Problem;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rule 9 of SubscribeService: the reduced modes, and how subscribers come to their views. */
final class ModeContractTest extends ContractTest {
  /** Rising by 1, with a jump: what a dead band of 10 lets through is 0, 11, 50. */
  private static final double[] TRACE = {0, 5, 10, 11, 20, 21, 50, 45, 41};

  private static final Double[] PASSED = {0.0, 11.0, 50.0};

  private static Subscription.Builder onChange(Subscription.Builder subscription) {
    subscription.setMode(Mode.MODE_ON_CHANGE).getOnChangeBuilder().setDeadBand(10);
    return subscription;
  }

  /** Modes that pass the same three of {@link #TRACE}, or others. */
  private static Map<Subscription.Builder, List<Double>> modes(RawSubscribeSession subscriber) {
    Map<Subscription.Builder, List<Double>> modes = new LinkedHashMap<>();
    modes.put(onChange(subscriber.everything(1)), List.of(PASSED));
    Subscription.Builder any = subscriber.everything(2).setMode(Mode.MODE_ON_CHANGE);
    modes.put(any, List.of(0.0, 5.0, 10.0, 11.0, 20.0, 21.0, 50.0, 45.0, 41.0));
    Subscription.Builder rising = subscriber.everything(3).setMode(Mode.MODE_THRESHOLD);
    rising.getThresholdBuilder().setLimit(20).setDirection(Direction.DIRECTION_RISING);
    modes.put(rising, List.of(0.0, 21.0));
    Subscription.Builder falling = subscriber.everything(4).setMode(Mode.MODE_THRESHOLD);
    falling.getThresholdBuilder().setLimit(45).setDirection(Direction.DIRECTION_FALLING);
    modes.put(falling, List.of(0.0, 41.0));
    Subscription.Builder both = subscriber.everything(5).setMode(Mode.MODE_THRESHOLD);
    both.getThresholdBuilder().setLimit(47).setHysteresis(5);
    modes.put(both, List.of(0.0, 50.0, 41.0));
    return modes;
  }

  private static long[] publish(
      TestTopic topic, RawPublishSession publisher, long[] sequences, double... values) {
    for (double value : values) {
      for (int p = 0; p < topic.partitions(); p++) {
        publisher.store(p, ++sequences[p], TestBatches.rows(topic.sensor(p, 0), value));
      }
    }
    return sequences;
  }

  private static void requireEach(
      TestTopic topic, List<DeliveredReading> got, List<Double> expected) {
    for (int p = 0; p < topic.partitions(); p++) {
      assertThat(TopicFiller.values(TopicFiller.of(got, p))).isEqualTo(expected);
    }
  }

  @EachSetup
  void rule9_modesPassWhatTheyMust_live(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber().open();
    Map<Subscription.Builder, List<Double>> modes = modes(subscriber);
    modes.forEach(
        (mode, expected) -> {
          subscriber.add(mode.clearStart());
          subscriber.awaitPhase(mode.getId(), Phase.PHASE_CAUGHT_UP);
        });
    publish(topic, topic.publisher().opened(), new long[setup.partitions()], TRACE);
    modes.forEach(
        (mode, expected) -> {
          subscriber.awaitReadings(mode.getId(), (long) expected.size() * setup.partitions());
          subscriber.ping(mode.getId());
          requireEach(topic, subscriber.readings(mode.getId()), expected);
        });
  }

  @EachSetup
  void rule9_fromTheLog_theOwnStateBegins_thenTheViewsLastValuesCome(TransportSetup setup) {
    TestTopic topic = topic(setup);
    publish(topic, topic.publisher().opened(), new long[setup.partitions()], TRACE);
    RawSubscribeSession subscriber = topic.subscriber().open();
    for (Format format : List.of(Format.FORMAT_ROWS, Format.FORMAT_COLUMNS)) {
      modes(subscriber)
          .forEach(
              (mode, expected) -> {
                subscriber.responses().mark();
                int id = mode.getId() + 10 * format.getNumber();
                subscriber.add(mode.setId(id).setFormat(format));
                subscriber.awaitPhase(id, Phase.PHASE_CAUGHT_UP);
                requireEach(topic, before(subscriber, id), expected);
                List<DeliveredReading> values = snapshot(subscriber, id);
                assertThat(TopicFiller.values(values))
                    .as("a new view emitted none: the last values")
                    .hasSize(setup.partitions())
                    .containsOnly(41.0);
                subscriber.remove(id);
              });
    }
  }

  private static int index(List<SubscribeResponse> all, int id, Phase phase, int from) {
    for (int i = from; i < all.size(); i++) {
      if (all.get(i).hasPhase()
          && all.get(i).getPhase().getSubscription() == id
          && all.get(i).getPhase().getPhase() == phase) {
        return i;
      }
    }
    throw new AssertionError("no " + phase + " of " + id + " in " + all);
  }

  /** Returns the readings before the first snapshot. */
  private static List<DeliveredReading> before(RawSubscribeSession subscriber, int id) {
    List<SubscribeResponse> all = subscriber.responses().all();
    int begin = index(all, id, Phase.PHASE_SNAPSHOT_BEGIN, 0);
    return RawSubscribeSession.decode(all.subList(0, begin), id);
  }

  /** Returns the readings in the first snapshot. */
  private static List<DeliveredReading> snapshot(RawSubscribeSession subscriber, int id) {
    List<SubscribeResponse> all = subscriber.responses().all();
    int end = index(all, id, Phase.PHASE_SNAPSHOT_END, 0);
    List<DeliveredReading> until = RawSubscribeSession.decode(all.subList(0, end), id);
    return until.subList(before(subscriber, id).size(), until.size());
  }

  @EachSetup
  void rule9_joining_getsTheViewsLastEmitted_thenWhatOthersGet(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession publisher = topic.publisher().opened();
    long[] sequences = new long[setup.partitions()];
    RawSubscribeSession first = topic.subscriber();
    first.open(onChange(first.everything(1)).clearStart());
    first.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    publish(topic, publisher, sequences, 0, 20, 25);
    first.awaitReadings(1, 2L * setup.partitions());
    RawSubscribeSession second = topic.subscriber();
    second.open(
        onChange(second.everything(1)).clearStart(),
        onChange(second.everything(2))
            .clearStart()
            .setSnapshot(true)
            .setFormat(Format.FORMAT_COLUMNS));
    for (int id = 1; id <= 2; id++) {
      second.awaitPhase(id, Phase.PHASE_CAUGHT_UP);
      assertThat(before(second, id)).isEmpty();
      assertThat(TopicFiller.values(snapshot(second, id)))
          .as("what was emitted last, not what was stored last")
          .hasSize(setup.partitions())
          .containsOnly(20.0);
    }
    publish(topic, publisher, sequences, 29, 31, 40, 10);

    requireEach(
        topic, first.awaitReadings(1, 4L * setup.partitions()), List.of(0.0, 20.0, 31.0, 10.0));
    for (int id = 1; id <= 2; id++) {
      requireEach(
          topic, second.awaitReadings(id, 3L * setup.partitions()), List.of(20.0, 31.0, 10.0));
    }
    first.ping(1);
    assertThat(first.readings(1)).hasSize(4 * setup.partitions());
  }

  @EachSetup
  void rule9_resuming_runsItsOwnState_thenJoinsThroughASnapshot(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession publisher = topic.publisher().opened();
    long[] sequences = new long[setup.partitions()];
    RawSubscribeSession live = topic.subscriber();
    live.open(onChange(live.everything(1)).clearStart());
    live.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    publish(topic, publisher, sequences, 0);
    live.awaitReadings(1, setup.partitions());
    String cursor = live.deliveries(1).get(setup.partitions() - 1).getCursor();
    publish(topic, publisher, sequences, 5, 20, 25);
    live.awaitReadings(1, 2L * setup.partitions());

    RawSubscribeSession back = topic.subscriber();
    back.open(onChange(back.everything(1)).setStart(StartPositions.after(cursor)));
    back.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    requireEach(topic, before(back, 1), List.of(5.0, 20.0));
    assertThat(TopicFiller.values(snapshot(back, 1)))
        .hasSize(setup.partitions())
        .containsOnly(20.0);
    publish(topic, publisher, sequences, 30, 30.5);
    live.awaitReadings(1, 3L * setup.partitions());
    requireEach(
        topic, back.awaitReadings(1, 4L * setup.partitions()), List.of(5.0, 20.0, 20.0, 30.5));
    String end = index(back).getPhase().getCursor();
    assertThat(topic.tail(topic.everything().setStart(StartPositions.after(end)).build()))
        .as("behind SNAPSHOT_END")
        .hasSize(2 * setup.partitions());
  }

  private static SubscribeResponse index(RawSubscribeSession subscriber) {
    List<SubscribeResponse> all = subscriber.responses().all();
    return all.get(index(all, 1, Phase.PHASE_SNAPSHOT_END, 0));
  }

  @EachSetup
  void rule9_returningFromCatchUp_joinsAgain_andThenGetsWhatOthersGet(TransportSetup setup) {
    TestTopic topic =
        topicOfOwnServer(
            setup, quick().with(Limit.VIEW_RECORDS_MAX, 16).with(Limit.TAIL_RECORDS_MAX, 16));
    RawPublishSession publisher = topic.publisher().opened();
    long[] sequences = new long[setup.partitions()];
    RawSubscribeSession live = topic.subscriber();
    live.open(onChange(live.everything(1)).clearStart());
    live.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    RawSubscribeSession slow = topic.subscriber();
    slow.open(
        onChange(slow.everything(1)).clearStart().setCredit(Credit.newBuilder().setReadings(0)));
    slow.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    for (int i = 0; i < 100; i++) { // 0, 11, ..., 99
      publish(topic, publisher, sequences, i);
      if (i % 11 == 0) {
        live.awaitReadings(1, (i / 11 + 1L) * setup.partitions()); // it keeps up
      }
    }
    slow.responses().mark();
    slow.credit(1, Credit.newBuilder());
    slow.awaitPhase(1, Phase.PHASE_FELL_BEHIND);
    slow.awaitPhase(1, Phase.PHASE_SNAPSHOT_END);
    slow.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    List<DeliveredReading> caughtUp = slow.readings(1);
    publish(topic, publisher, sequences, 105, 110, 121);
    live.awaitReadings(1, 12L * setup.partitions());
    slow.awaitReadings(1, caughtUp.size() + 2L * setup.partitions());

    requireEach(
        topic,
        slow.readings(1).subList(caughtUp.size(), slow.readings(1).size()),
        List.of(110.0, 121.0));
    requireEach(
        topic,
        live.readings(1),
        List.of(0.0, 11.0, 22.0, 33.0, 44.0, 55.0, 66.0, 77.0, 88.0, 99.0, 110.0, 121.0));
    for (int p = 0; p < setup.partitions(); p++) {
      assertThat(TopicFiller.values(TopicFiller.of(caughtUp, p)))
          .as("its own state, then the view's")
          .containsExactly(0.0, 11.0, 22.0, 33.0, 44.0, 55.0, 66.0, 77.0, 88.0, 99.0, 99.0);
    }
    assertThat(slow.gaps(1)).isEmpty();
  }

  @EachSetup
  void rule9_sample_passesTheFirstOfEachInterval_ofAppendTime(TransportSetup setup)
      throws IOException {
    TestTopic topic = topicOfOwnServer(setup, quick());
    long intervalNanos = 50_000_000;
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder sample = subscriber.everything(1).clearStart().setMode(Mode.MODE_SAMPLE);
    sample.getSampleBuilder().getIntervalBuilder().setNanos((int) intervalNanos);
    sample.getProgressIntervalBuilder().setNanos(100_000_000);
    subscriber.open(sample);
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    RawPublishSession publisher = topic.publisher().opened();
    int count = 150;
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    publish(topic, publisher, new long[setup.partitions()], values);
    subscriber
        .responses()
        .await(
            "everything passed",
            said ->
                said.hasProgress()
                    && said.getProgress().getLagReadings() == 0
                    && said.getProgress().getSuppressedReadings() + subscriber.readings(1).size()
                        == (long) count * setup.partitions());
    List<DeliveredReading> got = subscriber.readings(1);
    topic.server().stop();

    Map<Integer, List<Long>> times = appendTimes(topic);
    for (int p = 0; p < setup.partitions(); p++) {
      List<Double> expected = new ArrayList<>();
      long last = Long.MIN_VALUE;
      for (int i = 0; i < count; i++) {
        long interval = Math.floorDiv(times.get(p).get(i), intervalNanos);
        if (interval != last) {
          expected.add((double) i);
        }
        last = interval;
      }
      assertThat(expected.size()).isBetween(2, count - 1);
      assertThat(TopicFiller.values(TopicFiller.of(got, p))).isEqualTo(expected);
    }
  }

  /** Append times of the records with readings, from the stopped server's files. */
  private static Map<Integer, List<Long>> appendTimes(TestTopic topic) throws IOException {
    Map<Integer, List<Long>> times = new LinkedHashMap<>();
    for (InspectedPartition partition :
        SegmentEngine.inspect(topic.server().dataDir(), new NioDataFiles())) {
      if (!partition.id().equals(PartitionId.SYSTEM)) {
        List<Long> own = new ArrayList<>();
        partition.forEach(
            item -> {
              LogRecord record = ((InspectedItem.Stored) item).record();
              if (record.readings() > 0) {
                own.add(record.appendTimeNanos());
              }
            });
        times.put(partition.id().partition(), own);
      }
    }
    return times;
  }

  @EachSetup
  void rule9_maxSilence_passesAnUnchangedReading(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder silent =
        subscriber.everything(1).clearStart().setMode(Mode.MODE_ON_CHANGE);
    silent.getOnChangeBuilder().getMaxSilenceBuilder().setNanos(200_000_000);
    subscriber.open(silent);
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    RawPublishSession publisher = topic.publisher().opened();
    long[] sequences = new long[setup.partitions()];
    int stored = 0;
    while (subscriber.readings(1).size() < 2 * setup.partitions() && stored < 5_000) {
      publish(topic, publisher, sequences, 7);
      stored++;
    }
    assertThat(stored).as("most are suppressed").isGreaterThan(4);
    assertThat(TopicFiller.values(subscriber.readings(1))).containsOnly(7.0);
    assertThat(subscriber.readings(1).size()).isLessThan(stored * setup.partitions());
  }

  @EachTransport
  void wrongModes_areRefused_namingTheField(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(0));
    Map<String, Subscription.Builder> wrong = new LinkedHashMap<>();
    wrong.put("sample.interval", subscriber.everything(1).setMode(Mode.MODE_SAMPLE));
    wrong.put("threshold", subscriber.everything(1).setMode(Mode.MODE_THRESHOLD));
    Subscription.Builder band = subscriber.everything(1).setMode(Mode.MODE_ON_CHANGE);
    band.getOnChangeBuilder().setDeadBand(-1);
    wrong.put("on_change.dead_band", band);
    Subscription.Builder limit = subscriber.everything(1).setMode(Mode.MODE_THRESHOLD);
    limit.getThresholdBuilder().setLimit(Double.NaN);
    wrong.put("threshold.limit", limit);
    Subscription.Builder back = subscriber.everything(1).setMode(Mode.MODE_THRESHOLD);
    back.getThresholdBuilder().setHysteresis(Double.POSITIVE_INFINITY);
    wrong.put("threshold.hysteresis", back);
    Subscription.Builder other = subscriber.everything(1).setMode(Mode.MODE_EVERY);
    other.getOnChangeBuilder().setDeadBand(1);
    wrong.put("on_change", other);
    wrong.forEach(
        (field, subscription) -> {
          Problem problem = subscriber.add(subscription).getProblem();
          assertThat(problem.getReason()).as(field).isEqualTo("INVALID_ARGUMENT");
          assertThat(problem.getFieldViolations(0).getField()).isEqualTo(field);
        });
    TopicFiller.one(topic, 1);
    subscriber.awaitReadings(0, 1);
  }
}
