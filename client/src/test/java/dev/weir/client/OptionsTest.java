package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class OptionsTest {
  @Test
  void valueOutOfBounds_isRefusedWithNameValueAndExpectation() {
    refused(
        () -> PublisherOptions.builder("t").batchReadingsMax(0),
        "batchReadingsMax: 0 (expected 1 to 65536)");
    refused(
        () -> PublisherOptions.builder("t").linger(Duration.ofSeconds(11)),
        "linger: PT11S (expected PT0S to PT10S)");
    refused(
        () ->
            PublisherOptions.builder("t").batchBytesMax(1 << 20).bufferedBytesMax(1 << 20).build(),
        "bufferedBytesMax: 1048576 (expected 2097152 to 9223372036854775807)");
    refused(() -> PublisherOptions.builder(""), "topic: \"\" (expected 1 to 200 bytes of UTF-8)");
    refused(() -> SubscriberOptions.builder("t").sensors(), "sensors: 0 (expected 1 to 10000)");
    refused(
        () -> SubscriberOptions.builder("t").creditBytes(1),
        "creditBytes: 1 (expected 1024 to 1073741824)");
    refused(
        () -> SensorOptions.of("a\ud800b"),
        "sensor: \"a\ud800b\" (expected text without unpaired surrogates)");
    refused(
        () -> SensorOptions.builder("s").kind(Kind.KIND_UNSPECIFIED),
        "kind: KIND_UNSPECIFIED (expected DOUBLE, INTEGER, BOOLEAN, TEXT or BLOB)");
    refused(
        () -> ClientOptions.builder("h:1").openTimeout(Duration.ZERO),
        "openTimeout: PT0S (expected PT0.1S to PT10M)");
  }

  @Test
  void doubleHandler_refusesOtherKindsInsteadOfSkippingThem() {
    DoubleHandler handler = (sensor, time, value) -> {};
    SensorInfo sensor = new SensorInfo("t", 1, "s", Kind.KIND_TEXT, "", Map.of());
    assertThatThrownBy(() -> handler.onText(sensor, 1, "x"))
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> assertThat(e.reason()).isEqualTo(WeirException.KIND_MISMATCH));
  }

  @Test
  void readingHandler_getsEveryKindInTheRowForm() {
    Reading[] last = new Reading[1];
    ReadingHandler handler = reading -> last[0] = reading;
    SensorInfo sensor = new SensorInfo("t", 1, "s", Kind.KIND_DOUBLE, "", Map.of());

    handler.onDouble(sensor, -1, 2.5);

    assertThat(last[0].getDouble()).isEqualTo(2.5);
    assertThat(last[0].getTime())
        .isEqualTo(Timestamp.newBuilder().setSeconds(-1).setNanos(999_999_999).build());
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
