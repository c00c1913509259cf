package dev.weir.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
  @ParameterizedTest
  @CsvSource({
    "0s, 0",
    "1ms, 1000000",
    "500MS, 500000000",
    "1.5s, 1500000000",
    "0.000000001s, 1",
    "2m, 120000000000",
    "24h, 86400000000000",
    "7d, 604800000000000",
    "' 3s ', 3000000000",
  })
  void numberAndUnit_areNanoseconds(String text, long nanos) {
    assertThat(DurationText.parse(text)).isEqualTo(Duration.ofNanos(nanos));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "s", "-1s", "1 s", "1y", "PT5S", "1e3s", ".5s", "0.5ns", "999999999999d"})
  void anythingElse_isRefusedWithWhatIsExpected(String text) {
    assertThatThrownBy(() -> DurationText.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + text + "\" (expected a number and ms, s, m, h or d");
  }

  @ParameterizedTest
  @CsvSource({
    "-5, 0ms",
    "0, 0ms",
    "999, 999ms",
    "1000, 1.0s",
    "59999, 59.9s",
    "60000, 1m",
    "61000, 1m 1s",
    "3599999, 59m 59s",
    "3600000, 1h",
    "5400000, 1h 30m",
    "86400000, 1d",
    "90000000, 1d 1h",
    "604800000, 7d",
  })
  void words_areTheTwoGreatestUnits(long millis, String words) {
    assertThat(DurationText.words(Duration.ofMillis(millis))).isEqualTo(words);
  }
}
