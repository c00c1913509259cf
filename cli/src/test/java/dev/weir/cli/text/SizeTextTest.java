package dev.weir.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizeTextTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1500, 1500",
    "1KiB, 1024",
    "64mib, 67108864",
    "16GiB, 17179869184",
    "2TiB, 2199023255552",
  })
  void numberAndUnit_areBytes(String text, long bytes) {
    assertThat(SizeText.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5GiB", "1GB", "MiB", "1 MiB", "999999999999999999TiB"})
  void anythingElse_isRefusedWithWhatIsExpected(String text) {
    assertThatThrownBy(() -> SizeText.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + text + "\" (expected bytes, or a number and KiB");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0B",
    "1500, 1500B",
    "1024, 1KiB",
    "1536, 1536B",
    "17179869184, 16GiB",
    "2199023255552, 2TiB",
    "2251799813685248, 2048TiB",
  })
  void words_areWholeNumbers(long bytes, String words) {
    assertThat(SizeText.words(bytes)).isEqualTo(words);
  }
}
