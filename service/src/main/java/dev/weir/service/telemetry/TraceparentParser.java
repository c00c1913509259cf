package dev.weir.service.telemetry;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.Optional;

/** Reads the W3C trace context of a batch. Stateless. */
final class TraceparentParser {
  /** The propagator reads headers by name; a batch has the text of this one alone. */
  private static final TextMapGetter<String> HEADER =
      (text, name) -> name.equals("traceparent") ? text : null;

  private TraceparentParser() {}

  /** The caller's span, where the text is well-formed and says that the trace is sampled. */
  static Optional<Span> sampledParent(String text) {
    Context context = W3CTraceContextPropagator.getInstance().extract(Context.root(), text, HEADER);
    return Optional.of(Span.fromContext(context)).filter(span -> span.getSpanContext().isSampled());
  }
}
