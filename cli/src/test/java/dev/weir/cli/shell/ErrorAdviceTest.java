package dev.weir.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.WeirException;
import org.junit.jupiter.api.Test;

class ErrorAdviceTest {
  private final WeirException late =
      new WeirException("DEADLINE_EXCEEDED", 4, "open_timeout_ms (10000) has passed");

  @Test
  void deadlineThatPassed_keepsWhatTheServerSaid() {
    assertThat(ErrorAdvice.of("host:1", late))
        .isEqualTo("DEADLINE_EXCEEDED: open_timeout_ms (10000) has passed");
  }

  @Test
  void deadlineOfTheFirstCall_asksWhetherAServerIsThere() {
    assertThat(ErrorAdvice.firstFailure("host:1", late))
        .hasMessage(
            "DEADLINE_EXCEEDED: open_timeout_ms (10000) has passed. Is there a Weir server at host:1,"
                + " and is it healthy?");
  }

  @Test
  void advice_followsTheServersSentence() {
    WeirException missing = new WeirException("TOPIC_NOT_FOUND", 5, "There is no topic a.");
    assertThat(ErrorAdvice.of("host:1", missing))
        .isEqualTo(
            "TOPIC_NOT_FOUND: There is no topic a. `bin/weir topics create NAME` creates a topic.");
  }
}
