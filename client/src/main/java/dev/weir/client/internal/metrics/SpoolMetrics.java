package dev.weir.client.internal.metrics;

import dev.weir.client.SpoolStatus;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongGauge;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** The OpenTelemetry metrics of a spool. Thread-safe. */
public final class SpoolMetrics implements AutoCloseable {
  private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("weir.topic");
  private static final AttributeKey<String> PRODUCER = AttributeKey.stringKey("weir.producer");
  private static final AttributeKey<String> REASON = AttributeKey.stringKey("weir.reason");

  private final Attributes attributes;
  private final LongCounter lost;
  private final ObservableLongGauge bytes;
  private final ObservableLongGauge waiting;

  public SpoolMetrics(String topic, String producer, Supplier<SpoolStatus> status) {
    Meter meter = GlobalOpenTelemetry.getOrNoop().getMeter("dev.weir.client");
    this.attributes = Attributes.of(TOPIC, topic, PRODUCER, producer);
    this.lost =
        meter
            .counterBuilder("weir.client.spool.readings.lost")
            .setUnit("{reading}")
            .setDescription("Readings that a spool had accepted and will not send")
            .build();
    this.bytes = gauge(meter, "weir.client.spool.size", "By", status, SpoolStatus::bytes);
    this.waiting =
        gauge(
            meter,
            "weir.client.spool.readings.waiting",
            "{reading}",
            status,
            SpoolStatus::readingsWaiting);
  }

  private ObservableLongGauge gauge(
      Meter meter,
      String name,
      String unit,
      Supplier<SpoolStatus> status,
      ToLongFunction<SpoolStatus> value) {
    return meter
        .gaugeBuilder(name)
        .ofLongs()
        .setUnit(unit)
        .buildWithCallback(to -> to.record(value.applyAsLong(status.get()), attributes));
  }

  public void lost(long readings, String reason) {
    lost.add(readings, attributes.toBuilder().put(REASON, reason).build());
  }

  @Override
  public void close() {
    bytes.close();
    waiting.close();
  }
}
