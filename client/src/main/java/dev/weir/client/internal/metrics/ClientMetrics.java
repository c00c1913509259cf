package dev.weir.client.internal.metrics;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;

/** Counts what one publisher or subscriber does, for OpenTelemetry. Thread-safe. */
public final class ClientMetrics {
  private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("weir.topic");
  private static final int TRACEPARENT_CHARS = 55;

  private final LongCounter readings;
  private final LongCounter batches;
  private final Attributes attributes;

  private ClientMetrics(String direction, String topic) {
    Meter meter = GlobalOpenTelemetry.getOrNoop().getMeter("dev.weir.client");
    this.readings =
        meter
            .counterBuilder("weir.client.readings." + direction)
            .setUnit("{reading}")
            .setDescription("Readings " + direction)
            .build();
    this.batches =
        meter
            .counterBuilder("weir.client.batches." + direction)
            .setUnit("{batch}")
            .setDescription("Batches or deliveries " + direction)
            .build();
    this.attributes = Attributes.of(TOPIC, topic);
  }

  /** Counts acknowledged batches. */
  public static ClientMetrics published(String topic) {
    return new ClientMetrics("published", topic);
  }

  /** Counts deliveries handed over. */
  public static ClientMetrics delivered(String topic) {
    return new ClientMetrics("delivered", topic);
  }

  /** One batch of so many readings. */
  public void count(int readingsOfBatch) {
    readings.add(readingsOfBatch, attributes);
    batches.add(1, attributes);
  }

  /** The W3C trace context of the caller, if it is sampled; else empty. */
  public static String traceparent() {
    if (!Span.current().getSpanContext().isSampled()) {
      return "";
    }
    StringBuilder header = new StringBuilder(TRACEPARENT_CHARS);
    W3CTraceContextPropagator.getInstance()
        .inject(Context.current(), header, ClientMetrics::appendTraceparent);
    return header.toString();
  }

  /** Leaves the vendors' header out, for which a batch has no field. */
  private static void appendTraceparent(StringBuilder to, String header, String value) {
    if (header.equals("traceparent")) {
      to.append(value);
    }
  }
}
