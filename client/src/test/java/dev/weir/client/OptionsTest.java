package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
    refused(
        () -> ClientOptions.builder("h:1").retriesPerMinuteMax(1),
        "retriesPerMinuteMax: 1 (expected 2 to 60000)");
    refused(
        () -> ClientOptions.builder("h:1,h").build(),
        "target: \"h:1,h\" (expected HOST:PORT,HOST:PORT,…)");
    refused(() -> ClientOptions.builder(List.of()), "targets: 0 (expected 1 to 64)");
  }

  @Test
  void targets_areAddressesWithCommasBetween_orOneTargetOfGrpc() {
    assertThat(ClientOptions.builder("h1:1, h2:2 ,[::1]:3").build().targets())
        .containsExactly("h1:1", "h2:2", "[::1]:3");
    assertThat(ClientOptions.builder("h1:1,h1:1").build().targets()).containsExactly("h1:1");
    for (String one : List.of("h1:1", "dns:///h1:1", "unix:///a,b", "ipv4:1.2.3.4:5,6.7.8.9:10")) {
      assertThat(ClientOptions.builder(one).build().targets()).containsExactly(one);
    }
    assertThat(ClientOptions.builder(List.of("dns:///h1", "h2:2")).build().targets())
        .containsExactly("dns:///h1", "h2:2");
  }

  @Test
  void spoolWithoutProducerOrTooSmallForItsBatches_isRefused() {
    SpoolOptions spool = SpoolOptions.builder(Path.of("spool")).bytesMax(1 << 20).build();
    refused(
        () -> PublisherOptions.builder("t").spool(spool).build(),
        "producerId: none (expected one, because there is a spool)");
    refused(
        () -> PublisherOptions.builder("t").producerId("p").spool(spool).build(),
        "spool bytesMax: 1048576 (expected 2097152 to 1099511627776)");
    refused(
        () -> SpoolOptions.builder(Path.of("spool")).syncEvery(Duration.ofMinutes(1)),
        "spool syncEvery: PT1M (expected PT0S to PT10S)");
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
