package dev.weir.service.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceparentParserTest {
  static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  static final String SPAN = "b7ad6b7169203331";

  @Test
  void sampledTrace_isAParent() {
    var parent = TraceparentParser.sampledParent("00-" + TRACE + "-" + SPAN + "-01").orElseThrow();
    assertThat(parent.getSpanContext().getTraceId()).isEqualTo(TRACE);
    assertThat(parent.getSpanContext().getSpanId()).isEqualTo(SPAN);
    assertThat(parent.getSpanContext().isRemote()).isTrue();
    assertThat(parent.getSpanContext().isSampled()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-" + TRACE + "-" + SPAN + "-00",
        "00-" + TRACE + "-" + SPAN + "-0g",
        "00-" + TRACE + "-" + SPAN + "-g1",
        "ff-" + TRACE + "-" + SPAN + "-01",
        "00-" + TRACE + "-" + SPAN + "-01-more",
        "00-00000000000000000000000000000000-" + SPAN + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-" + TRACE + "-zzzzzzzzzzzzzzzz-01",
      })
  void anythingElse_isNone(String text) {
    assertThat(TraceparentParser.sampledParent(text)).isEmpty();
  }
}
