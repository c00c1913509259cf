package dev.weir.it.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process that does not end costs its test a limited time. */
@Timeout(60)
final class ProcessLimitsTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  private static Process sleeper(String beforeIt) throws IOException {
    return new ProcessBuilder("sh", "-c", beforeIt + "exec sleep 600").start();
  }

  @Test
  void commandThatDoesNotEnd_isKilled_andFailsItsTest() throws IOException {
    Process sleeper = sleeper("");

    assertThatThrownBy(() -> ProcessLimits.exitCode(sleeper, SHORT))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("not ended within");
    assertThat(sleeper.isAlive()).isFalse();
  }

  @Test
  void processThatPrintsNothing_isKilled_andHasNoFirstLine() throws IOException {
    Process sleeper = sleeper("");

    assertThat(ProcessLimits.firstLine(sleeper, SHORT)).isNull();
    ProcessLimits.kill(sleeper);
    assertThat(sleeper.isAlive()).isFalse();
  }

  @Test
  void processThatPrintsInTime_goesOn() throws Exception {
    Process sleeper = sleeper("echo ready; ");
    try {
      assertThat(ProcessLimits.firstLine(sleeper, Duration.ofSeconds(30))).isEqualTo("ready");
      assertThat(sleeper.isAlive()).isTrue();
    } finally {
      ProcessLimits.kill(sleeper);
    }
  }

  @Test
  void exitCode_isThatOfTheCommand() throws Exception {
    assertThat(ProcessLimits.exitCode(new ProcessBuilder("sh", "-c", "exit 7").start()))
        .isEqualTo(7);
  }
}
