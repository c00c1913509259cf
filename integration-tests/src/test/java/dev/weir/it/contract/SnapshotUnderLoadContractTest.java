package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.BackgroundPublisher;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.DeliveryAudit;
import dev.weir.it.contract.harness.NumberedPublisher;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.v1.Credit;
import dev.weir.v1.Format;
import dev.weir.v1.Phase;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Contract test 24: a snapshot of very many sensors, all of which change before it is complete. */
final class SnapshotUnderLoadContractTest extends ContractTest {
  private static final int SENSORS_MIN = 100_000;
  private static final int BATCH = 4_000;

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({"IN_PROCESS_1,FORMAT_COLUMNS", "NETTY_3,FORMAT_COLUMNS", "NETTY_1,FORMAT_ROWS"})
  void contract24_aHundredThousandSensorsChanging_eachOnce_thenEveryLaterChange(
      TransportSetup setup, Format format) {
    TestTopic topic = topic(setup);
    int sensors = -Math.floorDiv(-SENSORS_MIN, setup.partitions());
    NumberedPublisher numbers = new NumberedPublisher(topic, sensors).send(sensors, BATCH).settle();
    RawSubscribeSession subscriber = topic.subscriberOn(topic.server().newChannel());
    long[] before;
    long[] after;
    try (BackgroundPublisher load = new BackgroundPublisher(numbers, BATCH)) {
      before = load.stored();
      load.awaitMore(1);
      openHeld(subscriber, format);
      load.awaitMore(sensors); // every sensor changes while the snapshot is under way
      subscriber.credit(1, Credit.newBuilder());
      subscriber.awaitPhase(1, Phase.PHASE_SNAPSHOT_END);
      load.awaitMore(sensors); // and again after it
      after = load.stored();
      load.end();
    }
    subscriber
        .responses()
        .awaitAll("every change", all -> DeliveryAudit.reaches(topic, all, 1, numbers.sent()));

    requireSnapshotAndRest(numbers, subscriber, sensors, before, after);
  }

  /** Begins a snapshot that stops after its first delivery, for want of credit. */
  private static void openHeld(RawSubscribeSession subscriber, Format format) {
    Subscription.Builder asked =
        subscriber.everything(1).clearStart().setSnapshot(true).setFormat(format);
    subscriber.open(asked.setCredit(Credit.newBuilder().setReadings(1)));
    subscriber.awaitReadings(1, 1);
    assertThat(subscriber.phases(1)).containsExactly(Phase.PHASE_SNAPSHOT_BEGIN);
  }

  private static void requireSnapshotAndRest(
      NumberedPublisher numbers,
      RawSubscribeSession subscriber,
      int sensors,
      long[] before,
      long[] after) {
    List<SubscribeResponse> all = subscriber.responses().all();
    int end = 0;
    while (all.get(end).getPhase().getPhase() != Phase.PHASE_SNAPSHOT_END) {
      end++;
    }
    Cursor cursor = Cursor.parse(all.get(end).getPhase().getCursor()).orElseThrow();
    List<DeliveredReading> values = RawSubscribeSession.decode(all.subList(0, end), 1);
    List<DeliveredReading> everything = subscriber.readings(1);
    List<DeliveredReading> rest = everything.subList(values.size(), everything.size());
    for (int p = 0; p < before.length; p++) {
      long position = cursor.position(p).readingsSeen();
      assertThat(position).as("position in %s", p).isStrictlyBetween(before[p], after[p]);
      requireLastValues(numbers, p, TopicFiller.of(values, p), position, sensors);
      requireEveryChange(numbers, p, TopicFiller.of(rest, p), position);
    }
    assertThat(values).as("some sensors had changed").anyMatch(got -> got.value() >= sensors);
    assertThat(values).hasSizeGreaterThanOrEqualTo(SENSORS_MIN);
  }

  /** Each sensor once, with its last number before a position. */
  private static void requireLastValues(
      NumberedPublisher numbers,
      int partition,
      List<DeliveredReading> values,
      long position,
      int sensors) {
    Map<String, Double> expected = new HashMap<>();
    for (long number = position - sensors; number < position; number++) {
      expected.put(numbers.sensor(partition, number), (double) number);
    }
    for (DeliveredReading one : values) {
      Double last = expected.remove(one.sensor());
      if (last == null || last != one.value()) { // null: it came before, too
        throw new AssertionError(one + " (expected " + last + " as of " + position + ")");
      }
    }
    assertThat(expected).as("not in the snapshot of partition %s", partition).isEmpty();
  }

  /** All numbers from a position on, in order. */
  private static void requireEveryChange(
      NumberedPublisher numbers, int partition, List<DeliveredReading> rest, long position) {
    long next = position;
    for (DeliveredReading got : rest) {
      boolean right = got.value() == next && got.sensor().equals(numbers.sensor(partition, next));
      if (!right) { // asserting each of so many would be most of the test
        throw new AssertionError(got + " (expected " + next + " in partition " + partition + ")");
      }
      next++;
    }
    assertThat(next).as("up to the end in %s", partition).isEqualTo(numbers.sent(partition));
  }
}
