package dev.weir.service.telemetry;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import java.util.Optional;

/** Reads a W3C trace context, {@code 00-<32 hex>-<16 hex>-<2 hex>}. Stateless. */
final class TraceparentParser {
  private static final int LENGTH = 55;
  private static final int SPAN_AT = 36;
  private static final int FLAGS_AT = 53;

  private TraceparentParser() {}

  /** The caller's span, where the text is well-formed and says that the trace is sampled. */
  static Optional<Span> sampledParent(String text) {
    if (text.length() != LENGTH || !text.startsWith("00-")) {
      return Optional.empty();
    }
    String trace = text.substring(3, SPAN_AT - 1);
    String span = text.substring(SPAN_AT, FLAGS_AT - 1);
    int high = Character.digit(text.charAt(FLAGS_AT), 16);
    int low = Character.digit(text.charAt(FLAGS_AT + 1), 16);
    if (!TraceId.isValid(trace) || !SpanId.isValid(span) || high < 0 || low < 0 || (low & 1) == 0) {
      return Optional.empty();
    }
    return Optional.of(
        Span.wrap(
            SpanContext.createFromRemoteParent(
                trace, span, TraceFlags.getSampled(), TraceState.getDefault())));
  }
}
