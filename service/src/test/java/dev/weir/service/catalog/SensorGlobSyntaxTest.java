package dev.weir.service.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SensorGlobSyntaxTest {
  @ParameterizedTest
  @CsvSource({
    "a/b, a/b, true",
    "a/b, a/c, false",
    "a/b, a/b/, false",
    "*, plant, true",
    "*, plant/1, false",
    "*/*, plant/1, true",
    "*/*, /, true",
    "plant/*, plant/, true",
    "plant/*, plant, false",
    "plant/t*p, plant/tp, true",
    "plant/t*p, plant/temp, true",
    "plant/t*p, plant/temps, false",
    "plant/t*p, plant/t/p, false",
    "*a*b*, xxaxxbxx, true",
    "*a*b*, xxbxxaxx, false",
    "*ab, aab, true",
    "é/*ß*, é/aßb, true",
    "é/*ß*, e/aßb, false",
    "é*, éü€, true",
    "**, plant, true",
    "**, a/b/c, true",
    "**, /, true",
    "a/**, a, true",
    "a/**, a/, true",
    "a/**, a/b/c, true",
    "a/**, ab, false",
    "**/c, c, true",
    "**/c, a/b/c, true",
    "**/c, a/bc, false",
    "a/**/c, a/c, true",
    "a/**/c, a//c, true",
    "a/**/c, a/b/b/c, true",
    "a/**/c, ac, false",
    "a/**/b/**/c, a/b/x/b/c, true",
    "a/**/b/**/c, a/c/b, false",
    "**/a/b, a/a/b, true",
    "**/*/**, a, true",
    "**/*/*/**, a, false",
  })
  void glob_matchesAsTheContractSays(String glob, String name, boolean expected) {
    assertThat(SensorGlobSyntax.check(glob)).isEmpty();
    assertThat(GlobMatches.matches(glob, name)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a+", "#", "a/#", "a\u0000", "a\u0085", "\ud800", "a**", "**a/b", "a/***"})
  void malformedGlob_isTold(String glob) {
    assertThat(SensorGlobSyntax.check(glob)).isPresent();
  }

  @Test
  void glob_isAsLongAsANameAtMost() {
    assertThat(SensorGlobSyntax.check("*" + "ä".repeat(255))).isEmpty();
    assertThat(SensorGlobSyntax.check("**/" + "ä".repeat(255))).isPresent();
  }

  @Test
  void manyStars_takeNoExponentialTime() {
    String segments = "**/a*a*a*b/".repeat(30) + "x";
    String stars = "*a".repeat(250) + "b";
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (int i = 0; i < 100; i++) {
            assertThat(GlobMatches.matches(segments, "aaaaaa/".repeat(73))).isFalse();
            assertThat(GlobMatches.matches(stars, "a".repeat(512))).isFalse();
          }
        });
  }
}
