package dev.weir.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeTextTest {
  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:00:00Z, 0",
    "2023-11-14T22:13:20Z, 1700000000000000000",
    "2023-11-14T22:13:20.000000001Z, 1700000000000000001",
    "2023-11-14T23:13:20.25+01:00, 1700000000250000000",
    "2023-11-14t22:13:20z, 1700000000000000000",
    "2023-11-14 22:13:20Z, 1700000000000000000",
    "1969-12-31T23:59:59.999999999Z, -1",
    "1677-09-21T00:12:43.145224192Z, -9223372036854775808",
    "2262-04-11T23:47:16.854775807Z, 9223372036854775807",
  })
  void rfc3339_isUnixNanoseconds(String text, long nanos) {
    assertThat(TimeText.parse(text)).isEqualTo(nanos);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1700000000, 1700000000000000000",
    "1700000000.123456789, 1700000000123456789",
    "1.7e9, 1700000000000000000",
    "1700000000123, 1700000000123000000",
    "1700000000123456, 1700000000123456000",
    "1700000000123456789, 1700000000123456789",
    "-1, -1000000000",
    "9223372036, 9223372036000000000",
    "100000000000, 100000000000000000",
    "100000000000000, 100000000000000000",
    "100000000000000000, 100000000000000000",
  })
  void number_isScaledByItsSize(String text, long nanos) {
    assertThat(TimeText.parse(text)).isEqualTo(nanos);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "now", "2023-11-14", "2023-11-14T22:13:20", "2023-02-30T00:00:00Z",
            "9300-01-01T00:00:00Z",
        "1700000000.1234567891", "99999999999", "1e999999999", "1e-999999999", "12:30", "0x10"
      })
  void otherText_isRefusedWithWhatIsExpected(String text) {
    assertThatThrownBy(() -> TimeText.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("time: " + text + " (expected " + TimeText.EXPECTED + ")");
  }

  @Test
  void rfc3339Text_hasAllNineDecimals() {
    assertThat(TimeText.rfc3339(1_700_000_000_250_000_000L))
        .isEqualTo("2023-11-14T22:13:20.250000000Z");
    assertThat(TimeText.rfc3339(-1)).isEqualTo("1969-12-31T23:59:59.999999999Z");
  }
}
