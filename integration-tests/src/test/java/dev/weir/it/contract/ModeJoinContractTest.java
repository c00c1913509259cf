package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.Format;
import dev.weir.v1.Mode;
import dev.weir.v1.Phase;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rule 9 of SubscribeService: joining and resuming, in each of the reduced modes. */
final class ModeJoinContractTest extends ContractTest {
  private static final long DAY_SECONDS = 86_400;
  private static final long OTHER_SECONDS = 82_800;

  /**
   * The expected output of a mode for two stretches of values, and for the first from its second
   * value on.
   */
  private record Trace(
      List<Double> early,
      List<Double> emitted,
      List<Double> late,
      List<Double> emittedLater,
      List<Double> ownFromTheSecond) {}

  private static Trace trace(Mode mode) {
    List<Double> early = List.of(1.0, 3.0, 20.0, 24.0);
    List<Double> late = List.of(26.0, 33.0, 12.0, 2.0);
    return switch (mode) {
      case MODE_ON_CHANGE -> // more than 10 from the last one sent
          new Trace(early, List.of(1.0, 20.0), late, List.of(33.0, 12.0), List.of(3.0, 20.0));
      case MODE_THRESHOLD -> // 15, armed again below 5
          new Trace(early, List.of(1.0, 20.0), late, List.of(2.0), List.of(3.0, 20.0));
      default -> // one of the day
          new Trace(early, List.of(1.0), late, List.of(), List.of(3.0));
    };
  }

  private static Subscription.Builder reduced(Subscription.Builder asked, Mode mode) {
    asked.setMode(mode);
    switch (mode) {
      case MODE_ON_CHANGE -> asked.getOnChangeBuilder().setDeadBand(10);
      case MODE_THRESHOLD -> asked.getThresholdBuilder().setLimit(15).setHysteresis(10);
      default -> asked.getSampleBuilder().getIntervalBuilder().setSeconds(intervalSeconds());
    }
    return asked;
  }

  /** An interval that does not end within the next minutes. */
  private static long intervalSeconds() {
    long left = DAY_SECONDS - Instant.now().getEpochSecond() % DAY_SECONDS;
    return left > 600 ? DAY_SECONDS : OTHER_SECONDS;
  }

  private static void publish(
      TestTopic topic, RawPublishSession publisher, long[] sequences, List<Double> values) {
    for (double value : values) {
      for (int p = 0; p < topic.partitions(); p++) {
        publisher.store(p, ++sequences[p], TestBatches.rows(topic.sensor(p, 0), value));
      }
    }
  }

  private static void requireEach(
      TestTopic topic, List<DeliveredReading> got, List<Double> expected) {
    for (int p = 0; p < topic.partitions(); p++) {
      assertThat(TopicFiller.values(TopicFiller.of(got, p))).isEqualTo(expected);
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource({
    "IN_PROCESS_1,MODE_ON_CHANGE,FORMAT_COLUMNS",
    "NETTY_3,MODE_ON_CHANGE,FORMAT_ROWS",
    "IN_PROCESS_3,MODE_SAMPLE,FORMAT_ROWS",
    "NETTY_1,MODE_SAMPLE,FORMAT_COLUMNS",
    "IN_PROCESS_3,MODE_THRESHOLD,FORMAT_COLUMNS",
    "NETTY_1,MODE_THRESHOLD,FORMAT_ROWS"
  })
  void rule9_joinersAndResumers_getTheViewsLastEmitted_thenTheSameAsOthers(
      TransportSetup setup, Mode mode, Format format) {
    TestTopic topic = topic(setup);
    Trace trace = trace(mode);
    RawPublishSession publisher = topic.publisher().opened();
    long[] sequences = new long[setup.partitions()];
    RawSubscribeSession live = topic.subscriber();
    live.open(reduced(live.everything(1), mode).clearStart().setFormat(format));
    live.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    publish(topic, publisher, sequences, trace.early().subList(0, 1));
    live.awaitReadings(1, setup.partitions());
    String first = live.deliveries(1).get(setup.partitions() - 1).getCursor();
    publish(topic, publisher, sequences, trace.early().subList(1, 4));
    live.awaitReadings(1, (long) trace.emitted().size() * setup.partitions());

    RawSubscribeSession others = topic.subscriber();
    others.open(
        reduced(others.everything(1), mode).clearStart().setFormat(format),
        reduced(others.everything(2), mode)
            .setStart(StartPositions.after(first))
            .setFormat(format));
    List<Double> last = trace.emitted().subList(trace.emitted().size() - 1, trace.emitted().size());
    List<Double> joined = new ArrayList<>(last);
    List<Double> resumed = new ArrayList<>(trace.ownFromTheSecond());
    resumed.addAll(last);
    for (int id = 1; id <= 2; id++) {
      others.awaitPhase(id, Phase.PHASE_SNAPSHOT_END);
      others.awaitPhase(id, Phase.PHASE_CAUGHT_UP);
    }
    requireEach(topic, others.readings(1), joined);
    requireEach(topic, others.readings(2), resumed);
    assertThat(others.responses().all()).noneMatch(SubscribeResponse::hasGap);

    publish(topic, publisher, sequences, trace.late());
    joined.addAll(trace.emittedLater());
    resumed.addAll(trace.emittedLater());
    List<Double> all = new ArrayList<>(trace.emitted());
    all.addAll(trace.emittedLater());
    requireEach(topic, others.awaitReadings(1, sum(topic, joined)), joined);
    requireEach(topic, others.awaitReadings(2, sum(topic, resumed)), resumed);
    requireEach(topic, live.awaitReadings(1, sum(topic, all)), all);
  }

  private static long sum(TestTopic topic, List<Double> values) {
    return (long) values.size() * topic.partitions();
  }
}
