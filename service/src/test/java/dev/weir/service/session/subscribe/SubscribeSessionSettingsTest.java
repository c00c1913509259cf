package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Mode;
import dev.weir.v1.Overflow;
import dev.weir.v1.Problem;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Settings that cannot be: the field is named, and other subscriptions go on. */
class SubscribeSessionSettingsTest extends SubscribeSessionFixture {
  private final List<DynamicTest> table = new ArrayList<>();

  private void bad(String field, Consumer<Subscription.Builder> wrong) {
    bad(field, "INVALID_ARGUMENT", wrong);
  }

  private void bad(String field, String reason, Consumer<Subscription.Builder> wrong) {
    String name = field + "_" + reason + "_" + table.size();
    table.add(dynamicTest(name, () -> isRefused(field, reason, wrong)));
  }

  private void isRefused(String field, String reason, Consumer<Subscription.Builder> wrong) {
    TestPeer<SubscribeResponse> peer = opened(all(1));
    Subscription.Builder asked = all(2);
    wrong.accept(asked);
    peer.send(add(asked));
    context.run();
    Problem problem = peer.last().getStatus().getProblem();
    assertThat(problem.getReason()).isEqualTo(reason);
    assertThat(problem.getFieldViolationsList())
        .extracting(violation -> violation.getField().replaceFirst("^add\\.", ""))
        .containsExactly(field);
    long before = readings(peer, 1);
    publish("x", 7);
    context.run();
    assertThat(readings(peer, 1)).isEqualTo(before + 1);
    assertThat(context.views.size()).isZero();
    peer.close();
  }

  private static Duration nanos(int nanos) {
    return Duration.newBuilder().setNanos(nanos).build();
  }

  @TestFactory
  List<DynamicTest> badSetting_isNamed() {
    bad("topic", asked -> asked.setTopic("No!"));
    bad("selector", "EMPTY_SELECTOR", Subscription.Builder::clearSelector);
    bad("selector", asked -> asked.getSelectorBuilder().addNames("x"));
    bad("selector.names[0]", asked -> asked.getSelectorBuilder().setAll(false).addNames("a*"));
    bad(
        "selector.globs[1]",
        asked -> asked.getSelectorBuilder().setAll(false).addGlobs("a").addGlobs("a**"));
    bad("selector.labels", asked -> asked.getSelectorBuilder().putLabels("", "v"));
    bad("name", asked -> asked.setName("a\nb"));
    bad("start.committed", asked -> asked.getStartBuilder().setCommitted(true));
    bad("start.latest", asked -> asked.getStartBuilder().setLatest(false));
    Timestamp far = Timestamp.newBuilder().setSeconds(1L << 40).build();
    bad("until.time", "TIME_OUT_OF_RANGE", asked -> asked.getUntilBuilder().setTime(far));
    bad("event_time.from", "TIME_OUT_OF_RANGE", asked -> asked.getEventTimeBuilder().setFrom(far));
    Timestamp now = Timestamps.fromNanos(1);
    bad("event_time", asked -> asked.getEventTimeBuilder().setFrom(now).setUntil(now));
    bad("snapshot", asked -> asked.setSnapshot(true));
    bad("on_expired", "UNIMPLEMENTED", asked -> asked.setOnExpiredValue(99));
    modes();
    overflows();
    return table;
  }

  private void modes() {
    bad("mode", "UNIMPLEMENTED", asked -> asked.setModeValue(99));
    bad("on_change", asked -> asked.getOnChangeBuilder().setDeadBand(1));
    bad("sample", asked -> asked.getSampleBuilder().setInterval(nanos(1_000_000)));
    bad("threshold", asked -> asked.getThresholdBuilder().setLimit(1));
    bad("on_change.dead_band", asked -> onChange(asked).getOnChangeBuilder().setDeadBand(-1));
    bad("on_change.dead_band", asked -> onChange(asked).getOnChangeBuilder().setDeadBand(0.0 / 0));
    bad(
        "on_change.max_silence",
        asked -> onChange(asked).getOnChangeBuilder().setMaxSilence(nanos(-1)));
    bad("sample.interval", asked -> asked.setMode(Mode.MODE_SAMPLE));
    Duration days = Duration.newBuilder().setSeconds(86_401).build();
    bad(
        "sample.interval",
        asked -> asked.setMode(Mode.MODE_SAMPLE).getSampleBuilder().setInterval(days));
    bad("threshold", asked -> asked.setMode(Mode.MODE_THRESHOLD));
    bad("threshold.limit", asked -> threshold(asked).setLimit(1.0 / 0));
    bad("threshold.hysteresis", asked -> threshold(asked).setHysteresis(-0.5));
    bad("threshold.direction", "UNIMPLEMENTED", asked -> threshold(asked).setDirectionValue(9));
  }

  private static Subscription.Builder onChange(Subscription.Builder asked) {
    return asked.setMode(Mode.MODE_ON_CHANGE);
  }

  private static dev.weir.v1.Threshold.Builder threshold(Subscription.Builder asked) {
    return asked.setMode(Mode.MODE_THRESHOLD).getThresholdBuilder();
  }

  private void overflows() {
    bad("overflow", "UNIMPLEMENTED", asked -> asked.setOverflowValue(99));
    bad("max_lag", asked -> asked.getMaxLagBuilder().setReadings(1));
    bad("max_lag", asked -> asked.setOverflow(Overflow.OVERFLOW_END).getMaxLagBuilder());
    bad("max_lag.readings", asked -> drop(asked).getMaxLagBuilder().setReadings(0));
    bad("max_lag.time", asked -> drop(asked).getMaxLagBuilder().setTime(nanos(0)));
    bad("max_age", asked -> asked.setMaxAge(nanos(-1_000_000)));
    bad("max_message_bytes", asked -> asked.setMaxMessageBytes((16 << 10) - 1));
    bad("max_message_bytes", asked -> asked.setMaxMessageBytes((128 << 20) + 1));
    bad("max_message_bytes", asked -> asked.setMaxMessageBytes(-1));
    bad("progress_interval", asked -> asked.setProgressInterval(nanos(1)));
  }

  private static Subscription.Builder drop(Subscription.Builder asked) {
    return asked.setOverflow(Overflow.OVERFLOW_DROP_OLDEST);
  }

  @Test
  void settingsInForce_areTold() {
    Subscription.Builder asked = all(1).clearStart().clearFormat();
    asked.setMode(Mode.MODE_THRESHOLD).getThresholdBuilder().setLimit(1);
    TestPeer<SubscribeResponse> peer = opened(asked);
    Subscription told = peer.got.get(1).getStatus().getEffective();
    assertThat(told.getStart().getLatest()).isTrue();
    assertThat(told.getFormat()).isEqualTo(dev.weir.v1.Format.FORMAT_ROWS);
    assertThat(told.getOverflow()).isEqualTo(Overflow.OVERFLOW_CATCH_UP);
    assertThat(told.getOnExpired()).isEqualTo(dev.weir.v1.OnExpired.ON_EXPIRED_FAIL);
    assertThat(told.getThreshold().getDirection()).isEqualTo(dev.weir.v1.Direction.DIRECTION_BOTH);
    assertReleased(peer);
    assertThat(context.views.size()).isZero();
  }
}
