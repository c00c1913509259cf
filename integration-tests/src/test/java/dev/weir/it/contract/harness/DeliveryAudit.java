package dev.weir.it.contract.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.cursor.Cursor;
import dev.weir.v1.Delivery;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeResponse;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Accounts for every number of {@link NumberedPublisher} from what one subscription received: each
 * was delivered, or lies in exactly one gap. It reads cursors for their positions, and no counter
 * of the server. Owned by the test's thread.
 */
public final class DeliveryAudit {
  private final TestTopic topic;
  private final NumberedPublisher numbers;
  private final Predicate<String> selected;
  private final DeliveryDecoding decoder = new DeliveryDecoding();
  private final BitSet[] delivered;
  private final BitSet[] missing;
  private final int[] at;
  private final Map<Integer, Map<String, Double>> unplaced = new TreeMap<>();
  private final List<Gap> gaps = new ArrayList<>();

  /**
   * @param selected the sensors that the subscription selects
   */
  public DeliveryAudit(TestTopic topic, NumberedPublisher numbers, Predicate<String> selected) {
    this.topic = topic;
    this.numbers = numbers;
    this.selected = selected;
    this.delivered = new BitSet[topic.partitions()];
    this.missing = new BitSet[topic.partitions()];
    this.at = new int[topic.partitions()];
    for (int p = 0; p < at.length; p++) {
      delivered[p] = new BitSet();
      missing[p] = new BitSet();
    }
  }

  /** Takes what a subscription from the earliest reading received, from the first message on. */
  public DeliveryAudit take(List<SubscribeResponse> all, int id) {
    for (SubscribeResponse said : all) {
      if (said.hasSensors()) {
        decoder.learn(said.getSensors());
      } else if (said.hasDelivery() && said.getDelivery().getSubscription() == id) {
        take(said.getDelivery());
      } else if (said.hasGap() && said.getGap().getSubscription() == id) {
        take(said.getGap());
      }
    }
    assertThat(unplaced).as("values without a cursor that no gap followed").isEmpty();
    return this;
  }

  private void take(Delivery delivery) {
    int before = decoder.readings().size();
    decoder.take(delivery);
    int p = delivery.getPartition();
    for (DeliveredReading got : decoder.readings().subList(before, decoder.readings().size())) {
      if (delivery.getCursor().isEmpty()) {
        Double twice =
            unplaced.computeIfAbsent(p, none -> new HashMap<>()).put(got.sensor(), got.value());
        assertThat(twice).as("a last value comes once").isNull();
      } else {
        assertThat(unplaced).as("values without a cursor need their gap first").isEmpty();
        int number = (int) got.value();
        pass(p, number);
        deliver(p, number, got.sensor());
        at[p] = number + 1;
      }
    }
    decoder.readings().clear();
  }

  /** Requires that nothing selected lies between where a partition stands and a number. */
  private void pass(int p, int number) {
    assertThat(number).as("order in partition %s", p).isGreaterThanOrEqualTo(at[p]);
    assertThat(matching(p, at[p], number)).as("silently skipped before %s", number).isZero();
  }

  private int matching(int p, int from, int to) {
    int count = 0;
    for (int number = from; number < to; number++) {
      count += selected.test(numbers.sensor(p, number)) ? 1 : 0;
    }
    return count;
  }

  private void deliver(int p, int number, String sensor) {
    assertThat(sensor).isEqualTo(numbers.sensor(p, number));
    assertThat(selected.test(sensor)).as("%s is selected", sensor).isTrue();
    assertThat(delivered[p].get(number)).as("%s delivered twice", number).isFalse();
    delivered[p].set(number);
  }

  private void take(Gap gap) {
    gaps.add(gap);
    int p = gap.getPartition();
    int from = position(gap.getFromCursor(), p);
    int to = position(gap.getToCursor(), p);
    pass(p, from);
    assertThat(to).as("a gap is over something").isGreaterThan(from);
    assertThat(missing[p].get(from, to).isEmpty()).as("in two gaps").isTrue();
    Map<String, Double> instead = unplaced.getOrDefault(p, Map.of());
    if (gap.getReason() == GapReason.GAP_REASON_CONFLATED) {
      requireLast(p, from, to, instead);
    } else {
      assertThat(instead).as("values without a cursor before %s", gap).isEmpty();
    }
    unplaced.remove(p);
    missing[p].set(from, to);
    instead.forEach(
        (sensor, value) -> {
          missing[p].clear(value.intValue());
          deliver(p, value.intValue(), sensor);
        });
    requireCount(gap, p, to - from - instead.size(), matching(p, from, to) - instead.size());
    at[p] = to;
  }

  private static void requireCount(Gap gap, int p, int all, int matching) {
    if (gap.getUpperBound()) {
      assertThat(gap.getReadings())
          .as("upper bound in %s", p)
          .isBetween((long) matching, (long) all);
    } else {
      assertThat(gap.getReadings()).as("exact count in %s", p).isEqualTo(matching);
    }
  }

  /**
   * Requires that the values sent instead are the last ones of each selected sensor that changed in
   * the gap.
   */
  private void requireLast(int p, int from, int to, Map<String, Double> instead) {
    Map<String, Double> expected = new HashMap<>();
    for (int number = from; number < to; number++) {
      String sensor = numbers.sensor(p, number);
      if (selected.test(sensor)) {
        expected.put(sensor, (double) number);
      }
    }
    assertThat(instead).as("last values as of %s in partition %s", to, p).isEqualTo(expected);
  }

  private static int position(String cursor, int partition) {
    return (int) Cursor.parse(cursor).orElseThrow().position(partition).readingsSeen();
  }

  /** Returns whether a subscription has reached the end of everything sent; cheap, for waiting. */
  public static boolean reaches(TestTopic topic, List<SubscribeResponse> all, int id, long[] sent) {
    String cursor = "";
    for (int i = all.size() - 1; i >= 0 && cursor.isEmpty(); i--) {
      cursor = cursor(all.get(i), id);
    }
    for (int p = 0; p < topic.partitions(); p++) {
      if (cursor.isEmpty() || position(cursor, p) < sent[p]) {
        return false;
      }
    }
    return true;
  }

  /** The position of a subscription that a message states; empty for none. */
  private static String cursor(SubscribeResponse said, int id) {
    if (said.hasDelivery() && said.getDelivery().getSubscription() == id) {
      return said.getDelivery().getCursor();
    }
    if (said.hasGap() && said.getGap().getSubscription() == id) {
      return said.getGap().getToCursor();
    }
    if (said.hasProgress() && said.getProgress().getSubscription() == id) {
      return said.getProgress().getCursor();
    }
    boolean phase = said.hasPhase() && said.getPhase().getSubscription() == id;
    return phase ? said.getPhase().getCursor() : "";
  }

  /**
   * Requires that everything up to the end of what was sent was delivered, or lies in exactly one
   * gap.
   */
  public DeliveryAudit requireComplete() {
    for (int p = 0; p < at.length; p++) {
      pass(p, (int) numbers.sent(p));
      for (int number = 0; number < numbers.sent(p); number++) {
        if (selected.test(numbers.sensor(p, number))) {
          assertThat(delivered[p].get(number) ^ missing[p].get(number))
              .as("number %s of partition %s is delivered or in one gap", number, p)
              .isTrue();
        }
      }
    }
    return this;
  }

  /** Resuming at both ends of some gaps gives the numbers that these ends stand for. */
  public DeliveryAudit requireBounds(int most) {
    for (int i = 0; i < gaps.size(); i += Math.max(1, gaps.size() / most)) {
      Gap gap = gaps.get(i);
      int p = gap.getPartition();
      for (String cursor : List.of(gap.getFromCursor(), gap.getToCursor())) {
        int number = position(cursor, p);
        if (number < numbers.sent(p)) {
          assertThat(firstBehind(cursor, p, number)).isEqualTo(number);
        }
      }
    }
    return this;
  }

  private double firstBehind(String cursor, int partition, int number) {
    var request =
        ReadRequest.newBuilder()
            .setTopic(topic.name())
            .setStart(Start.newBuilder().setAfterCursor(cursor))
            .setLimit(1);
    for (int n = number; n < number + 2; n++) {
      request.getSelectorBuilder().addNames(numbers.sensor(partition, n));
    }
    return topic.reader().read(request.build()).getReadings(0).getDouble();
  }

  /** Selected readings that were delivered. */
  public long deliveredCount() {
    long count = 0;
    for (BitSet numbersOfOne : delivered) {
      count += numbersOfOne.cardinality();
    }
    return count;
  }

  /** The gaps, in order. */
  public List<Gap> gaps() {
    return gaps;
  }
}
