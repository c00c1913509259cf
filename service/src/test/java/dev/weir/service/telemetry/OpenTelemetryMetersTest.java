package dev.weir.service.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.telemetry.Meters.AppendSpan;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OpenTelemetryMetersTest {
  private final Collected metrics = new Collected();
  private final Exported spans = new Exported();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(metrics).build())
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .build();
  private final Meters meters = new OpenTelemetryMeters(sdk);

  @BeforeEach
  void serve() {
    meters.topicServed("plant");
    meters.topicServed("yard");
  }

  @AfterEach
  void close() {
    sdk.close();
  }

  @Test
  void committedRounds_areCountedPerTopic() {
    meters.committed("plant", 3, 9_000, 2_000_000);
    meters.committed("plant", 1, 90, 4_000_000);
    meters.committed("yard", 1, 50, 1_000_000);
    assertThat(sums("weir.bytes.stored", "weir.topic"))
        .containsOnly(Map.entry("plant", 9_090L), Map.entry("yard", 50L));
    HistogramPointData seconds = histogram("weir.append.duration", "plant");
    assertThat(seconds.getCount()).isEqualTo(2);
    assertThat(seconds.getSum()).isEqualTo(0.006);
    assertThat(histogram("weir.round.records", "plant").getSum()).isEqualTo(4);
  }

  private void count(long readings) {
    meters.committed("plant", 1, readings, 1);
    meters.stored("plant", false, readings);
    meters.rejected("plant");
    meters.delivered("plant", readings, readings);
    meters.gap("plant", "retention", readings);
    meters.suppressed("plant", readings);
  }

  private void assertCounted(Map<String, Long> readings) {
    for (String name :
        List.of(
            "weir.bytes.stored",
            "weir.readings.stored",
            "weir.readings.delivered",
            "weir.bytes.delivered",
            "weir.readings.gap",
            "weir.readings.suppressed")) {
      assertThat(sums(name, "weir.topic")).as(name).isEqualTo(readings);
    }
    assertThat(sums("weir.batches", "weir.outcome").keySet())
        .isEqualTo(readings.isEmpty() ? Set.of() : Set.of("stored", "rejected"));
  }

  @Test
  void deletedTopic_isForgotten_whateverIsStillToldOfIt_andBeginsAnewUnderItsName() {
    count(10);
    assertCounted(Map.of("plant", 10L));
    meters.topicDeleted("plant");
    assertCounted(Map.of());
    count(5);
    assertCounted(Map.of());
    meters.topicServed("plant");
    assertCounted(Map.of());
    count(3);
    assertCounted(Map.of("plant", 3L));
  }

  @Test
  void topicThatIsDeletedWhileItIsCounted_isForgotten() throws InterruptedException {
    var stop = new AtomicBoolean();
    Thread counts =
        new Thread(
            () -> {
              while (!stop.get()) {
                meters.suppressed("plant", 1);
                meters.rejected("plant");
              }
            });
    counts.start();
    for (int i = 0; i < 10_000; i++) {
      meters.topicServed("plant");
      meters.topicDeleted("plant");
    }
    stop.set(true);
    counts.join();
    assertThat(sums("weir.readings.suppressed", "weir.topic")).isEmpty();
    assertThat(sums("weir.batches", "weir.outcome")).isEmpty();
  }

  @Test
  void syncs_areTimedInSeconds() {
    meters.synced(500_000);
    MetricData sync = metrics.named("weir.sync.duration");
    assertThat(sync.getUnit()).isEqualTo("s");
    assertThat(sync.getHistogramData().getPoints())
        .singleElement()
        .satisfies(point -> assertThat(point.getSum()).isEqualTo(0.0005));
  }

  @Test
  void batches_areCountedByOutcome() {
    meters.stored("plant", false, 1_000);
    meters.stored("plant", false, 10);
    meters.rejected("plant");
    assertThat(sums("weir.batches", "weir.outcome"))
        .containsOnly(Map.entry("stored", 2L), Map.entry("rejected", 1L));
    assertThat(sums("weir.readings.stored", "weir.topic")).containsEntry("plant", 1_010L);
  }

  @Test
  void deliveries_areCounted() {
    meters.delivered("plant", 7, 70);
    meters.delivered("plant", 1, 10);
    assertThat(sums("weir.readings.delivered", "weir.topic")).containsEntry("plant", 8L);
    assertThat(sums("weir.bytes.delivered", "weir.topic")).containsEntry("plant", 80L);
  }

  @Test
  void sessionsAndSubscriptions_goUpAndDown() {
    meters.sessionOpened("publish");
    meters.sessionOpened("subscribe");
    meters.sessionOpened("subscribe");
    meters.sessionClosed("subscribe");
    meters.subscriptionsChanged(2);
    meters.subscriptionsChanged(-1);
    assertThat(sums("weir.sessions", "weir.session.kind"))
        .containsOnly(Map.entry("publish", 1L), Map.entry("subscribe", 1L));
    assertThat(metrics.named("weir.subscriptions").getLongSumData().getPoints())
        .singleElement()
        .satisfies(point -> assertThat(point.getValue()).isEqualTo(1));
  }

  @Test
  void lag_isReadWhenCollected() {
    meters.lagFrom(() -> Map.of("plant", 42L));
    assertThat(metrics.named("weir.lag.readings").getLongGaugeData().getPoints())
        .singleElement()
        .satisfies(point -> assertThat(point.getValue()).isEqualTo(42));
  }

  @Test
  void gapsAndSuppressedReadings_areCounted() {
    meters.gap("plant", "retention", 10);
    meters.gap("plant", "retention", 5);
    meters.gap("plant", "dropped", 1);
    meters.suppressed("plant", 7);
    assertThat(sums("weir.readings.gap", "weir.gap.reason"))
        .containsOnly(Map.entry("retention", 15L), Map.entry("dropped", 1L));
    assertThat(sums("weir.readings.suppressed", "weir.topic")).containsOnly(Map.entry("plant", 7L));
  }

  @Test
  void stalls_areReadWhenCollected() {
    meters.stallsFrom(() -> Map.of("no_credit", 3L));
    assertThat(metrics.named("weir.subscriptions.stalled").getLongGaugeData().getPoints())
        .singleElement()
        .satisfies(point -> assertThat(point.getValue()).isEqualTo(3))
        .satisfies(
            point ->
                assertThat(point.getAttributes().get(AttributeKey.stringKey("weir.stall.reason")))
                    .isEqualTo("no_credit"));
  }

  @Test
  void storage_isReadWhenCollected() {
    meters.storageFrom(() -> 5, () -> 7, () -> 2, () -> 1);
    Map<String, Long> expected =
        Map.of(
            "weir.disk.free", 5L,
            "weir.disk.reserve", 7L,
            "weir.partitions.stopped", 2L,
            "weir.disk.hangs", 1L);
    expected.forEach(
        (name, value) ->
            assertThat(metrics.named(name).getLongGaugeData().getPoints())
                .as(name)
                .singleElement()
                .satisfies(point -> assertThat(point.getValue()).isEqualTo(value)));
  }

  @Test
  void sampledBatch_isASpanOfThePublishersTrace() {
    meters.appended(
        span("00-" + TraceparentParserTest.TRACE + "-" + TraceparentParserTest.SPAN + "-01"));
    SpanData span = spans.ended.get(0);
    assertThat(span.getTraceId()).isEqualTo(TraceparentParserTest.TRACE);
    assertThat(span.getParentSpanId()).isEqualTo(TraceparentParserTest.SPAN);
    assertThat(span.getStartEpochNanos()).isEqualTo(1_000);
    assertThat(span.getEndEpochNanos()).isEqualTo(5_000);
    assertThat(span.getAttributes().get(AttributeKey.longKey("weir.readings"))).isEqualTo(12);
  }

  @Test
  void batchWithoutASampledTrace_isNoSpan() {
    meters.appended(span(""));
    meters.appended(
        span("00-" + TraceparentParserTest.TRACE + "-" + TraceparentParserTest.SPAN + "-00"));
    assertThat(spans.ended).isEmpty();
  }

  @Test
  void withoutAnSdk_nothingThrows() {
    for (Meters quiet : List.of(Meters.NONE, new OpenTelemetryMeters(OpenTelemetry.noop()))) {
      quiet.committed("plant", 1, 1, 1);
      quiet.synced(1);
      quiet.stored("plant", false, 1);
      quiet.delivered("plant", 1, 1);
      quiet.gap("plant", "retention", 1);
      quiet.suppressed("plant", 1);
      quiet.sessionOpened("tail");
      quiet.sessionClosed("tail");
      quiet.subscriptionsChanged(1);
      quiet.lagFrom(Map::of);
      quiet.stallsFrom(Map::of);
      quiet.storageFrom(() -> 0, () -> 0, () -> 0, () -> 0);
      quiet.appended(span("nonsense"));
    }
    assertThat(spans.ended).isEmpty();
  }

  private static AppendSpan span(String traceparent) {
    return new AppendSpan(traceparent, "plant", 3, 12, 1_000, 5_000);
  }

  private Map<String, Long> sums(String name, String key) {
    return metrics.all(name).stream()
        .flatMap(metric -> metric.getLongSumData().getPoints().stream())
        .collect(
            Collectors.toMap(
                point -> point.getAttributes().get(AttributeKey.stringKey(key)),
                LongPointData::getValue));
  }

  private HistogramPointData histogram(String name, String topic) {
    return metrics.named(name).getHistogramData().getPoints().stream()
        .filter(
            point -> topic.equals(point.getAttributes().get(AttributeKey.stringKey("weir.topic"))))
        .findFirst()
        .orElseThrow();
  }

  /** Collects on demand. */
  private static final class Collected implements MetricReader {
    private CollectionRegistration registration = CollectionRegistration.noop();

    MetricData named(String name) {
      return all(name).get(0);
    }

    /** One, or none where nothing is recorded. */
    List<MetricData> all(String name) {
      return registration.collectAllMetrics().stream()
          .filter(metric -> metric.getName().equals(name))
          .toList();
    }

    @Override
    public void register(CollectionRegistration newRegistration) {
      registration = newRegistration;
    }

    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType type) {
      return AggregationTemporality.CUMULATIVE;
    }

    @Override
    public CompletableResultCode forceFlush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  /** Keeps what ended. */
  private static final class Exported implements SpanExporter {
    private final List<SpanData> ended = new ArrayList<>();

    @Override
    public CompletableResultCode export(Collection<SpanData> batch) {
      ended.addAll(batch);
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
