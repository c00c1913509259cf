package dev.weir.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.SensorInfo;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The judge of {@link StoppedSubscriberTest} must be able to find fault. */
class BlobCheckTest {
  private static final int SENSORS = 3;
  private static final int NUMBERS = 10;
  private static final int PUBLISHED = SENSORS * NUMBERS;
  private static final int GAP_FROM = 3;
  private static final int GAP_TO = 6;
  private static final int MISSING = SENSORS * (GAP_TO - GAP_FROM);

  /** An event that a subscription is handed. */
  private interface Event {
    void happen(BlobCheck to);
  }

  private static SensorInfo info(int sensor) {
    return new SensorInfo("t", sensor, BlobLoad.name(sensor), Kind.KIND_BLOB, "", Map.of());
  }

  private static Event blob(int sensor, long number) {
    return check ->
        check.onBlob(info(sensor), BlobLoad.timeNanos(number), BlobLoad.blob(sensor, number));
  }

  private static Event gap(int readings) {
    return check ->
        check.onGap(
            Gap.newBuilder()
                .setReason(GapReason.GAP_REASON_RETENTION)
                .setReadings(readings)
                .build());
  }

  /** Deliveries of each sensor's next number, and a gap that stands for some of them. */
  private static List<List<Event>> deliveries() {
    List<List<Event>> stream = new ArrayList<>();
    for (int number = 0; number < NUMBERS; number++) {
      if (number == GAP_FROM) {
        stream.add(List.of(gap(MISSING)));
      }
      if (number < GAP_FROM || number >= GAP_TO) {
        stream.add(List.of(blob(0, number), blob(1, number), blob(2, number)));
      }
    }
    return stream;
  }

  /** Judges as the test does: nobody ended, and everything is accounted for. */
  private static void judge(List<List<Event>> stream) {
    BlobCheck.Counts counts = new BlobCheck.Counts();
    BlobCheck check = new BlobCheck(counts, line -> {}, () -> {});
    try {
      stream.forEach(delivery -> delivery.forEach(event -> event.happen(check)));
    } catch (IllegalStateException ended) {
      throw new AssertionError("the subscription ended", ended);
    }
    assertThat(counts.accounted()).isEqualTo(PUBLISHED);
  }

  private static void requireFault(List<List<Event>> stream) {
    assertThatThrownBy(() -> judge(stream)).isInstanceOf(AssertionError.class);
  }

  private static List<List<Event>> replaced(int index, List<List<Event>> by) {
    List<List<Event>> stream = deliveries();
    stream.remove(index);
    stream.addAll(index, by);
    return stream;
  }

  @Test
  void soundStream_isAccountedFor() {
    judge(deliveries());
  }

  @Test
  void deliveryOrGapRemovedOrRepeated_isAFault() {
    for (int i = 0; i < deliveries().size(); i++) {
      requireFault(replaced(i, List.of()));
      requireFault(replaced(i, List.of(deliveries().get(i), deliveries().get(i))));
    }
  }

  @Test
  void gapWithAnotherCount_isAFault() {
    requireFault(replaced(GAP_FROM, List.of(List.of(gap(MISSING + 1)))));
    requireFault(replaced(GAP_FROM, List.of(List.of(gap(MISSING - 1)))));
  }

  @Test
  void readingsOfASensorSwapped_areAFault() {
    for (int i = 1; i < deliveries().size(); i++) {
      if (i != GAP_FROM && i - 1 != GAP_FROM) {
        List<List<Event>> stream = deliveries();
        Collections.swap(stream, i - 1, i);
        requireFault(stream);
      }
    }
  }

  @Test
  void readingOfAnotherSensorOrTimeOrWithOtherBytes_endsTheSubscription() {
    byte[] right = BlobLoad.blob(0, 0);
    byte[] wrong = BlobLoad.blob(0, 0);
    wrong[wrong.length - 1] ^= 1;
    hand(right, 0);
    assertThatThrownBy(() -> hand(wrong, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> hand(right, 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> hand(BlobLoad.blob(1, 0), 0))
        .isInstanceOf(IllegalStateException.class);
  }

  /** A first blob of the first sensor, with the time of a number. */
  private static void hand(byte[] blob, long timeOf) {
    new BlobCheck(new BlobCheck.Counts(), line -> {}, () -> {})
        .onBlob(info(0), BlobLoad.timeNanos(timeOf), blob);
  }
}
