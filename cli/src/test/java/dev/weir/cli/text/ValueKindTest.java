package dev.weir.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueKindTest {
  @Test
  void values_areRead() {
    assertThat(ValueKind.doubleOf(" -1.5e3 ")).isEqualTo(-1500.0);
    assertThat(ValueKind.doubleOf(".5")).isEqualTo(0.5);
    assertThat(ValueKind.doubleOf("nan")).isNaN();
    assertThat(ValueKind.doubleOf("-Infinity")).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(ValueKind.integerOf("-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
    assertThat(ValueKind.booleanOf("TRUE")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "DOUBLE, ''",
    "DOUBLE, abc",
    "DOUBLE, '1,5'",
    "DOUBLE, 1d",
    "DOUBLE, 0x1p3",
    "DOUBLE, 1e999",
    "INTEGER, 1.0",
    "INTEGER, 9223372036854775808",
    "BOOLEAN, 1",
    "BOOLEAN, ''",
  })
  void textThatIsNoValue_isRefusedWithWhatIsExpected(ValueKind kind, String text) {
    assertThatThrownBy(() -> kind.check(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("value: \"" + text + "\" (expected ")
        .hasMessageContaining("--kind");
  }
}
