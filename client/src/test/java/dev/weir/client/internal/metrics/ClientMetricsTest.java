package dev.weir.client.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import org.junit.jupiter.api.Test;

class ClientMetricsTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @Test
  void sampledSpan_isATraceparentWithoutTheVendorsState() {
    assertThat(traceparentIn(TraceFlags.getSampled()))
        .isEqualTo("00-" + TRACE + "-" + SPAN + "-01");
  }

  @Test
  void spanThatIsNotSampled_andNoSpan_areEmpty() {
    assertThat(traceparentIn(TraceFlags.getDefault())).isEmpty();
    assertThat(ClientMetrics.traceparent()).isEmpty();
  }

  private static String traceparentIn(TraceFlags flags) {
    TraceState vendors = TraceState.builder().put("vendor", "1").build();
    Span span = Span.wrap(SpanContext.create(TRACE, SPAN, flags, vendors));
    return Context.root().with(span).wrapSupplier(ClientMetrics::traceparent).get();
  }
}
