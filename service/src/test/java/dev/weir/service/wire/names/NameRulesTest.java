package dev.weir.service.wire.names;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameRulesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "plant1/line3/temp",
        "/",
        "//",
        "a//b/",
        " ",
        "temp °C",
        "温度/\ud83c\udf21",
        "\u00a0",
        "\u2028"
      })
  void sensorName_isAccepted(String name) {
    assertThat(SensorNameRule.check(name)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', must not be empty",
    "a/*, must not contain ’*’ (character 3)",
    "+/b, must not contain ’+’ (character 1)",
    "a#, must not contain ’#’ (character 2)",
  })
  void sensorName_isRefused(String name, String problem) {
    assertThat(SensorNameRule.check(name)).hasValue(problem.replace('\u2019', '\''));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x09, 0x0a, 0x1f, 0x7f, 0x80, 0x85, 0x9f})
  void sensorNameWithControlCharacter_isRefused(int control) {
    assertThat(SensorNameRule.check("a" + (char) control))
        .hasValue(String.format("character 2 is the control character U+%04X", control));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\ud83c", "\udf21b", "\udf21\ud83c", "\ud83cx\udf21"})
  void sensorNameWithUnpairedSurrogate_isRefused(String name) {
    assertThat(SensorNameRule.check(name).orElse("accepted")).endsWith("is an unpaired surrogate");
  }

  @Test
  void sensorNameLength_isCountedInBytes() {
    assertThat(SensorNameRule.check("x".repeat(512))).isEmpty();
    assertThat(SensorNameRule.check("x".repeat(513))).isPresent();
    assertThat(SensorNameRule.check("é".repeat(256))).isEmpty();
    assertThat(SensorNameRule.check("é".repeat(256) + "x")).isPresent();
    assertThat(SensorNameRule.check("€".repeat(170) + "xx")).isEmpty();
    assertThat(SensorNameRule.check("€".repeat(171))).isPresent();
    assertThat(SensorNameRule.check("\ud83c\udf21".repeat(128))).isEmpty();
    assertThat(SensorNameRule.check("\ud83c\udf21".repeat(128) + "x")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "plant-1.line_3", "-", "..."})
  void topicName_isAccepted(String name) {
    assertThat(TopicNameRule.check(name)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "Plant", "a b", "a/b", "ä", "a\n", "a:b"})
  void topicName_isRefused(String name) {
    assertThat(TopicNameRule.check(name)).isPresent();
  }

  @Test
  void topicNameLength_isBounded() {
    assertThat(TopicNameRule.check("x".repeat(200))).isEmpty();
    assertThat(TopicNameRule.check("x".repeat(201))).isPresent();
  }

  /** Published test vectors of murmur3_32 with seed 0, and the remainder of an unsigned hash. */
  @ParameterizedTest
  @CsvSource({
    "'', 00000000",
    "test, ba6bd213",
    "'Hello, world!', c0363e43",
    "The quick brown fox jumps over the lazy dog, 2e4ff723",
  })
  void partition_isMurmur3OfTheUtf8(String name, String hash) {
    long unsigned = Long.parseLong(hash, 16);
    for (int count : new int[] {1, 2, 3, 7, 64}) {
      assertThat(Partitioner.partition(name, count)).isEqualTo((int) (unsigned % count));
    }
  }

  /** Durable: these never change. */
  @ParameterizedTest
  @CsvSource({
    "plant1/line3/temp, 32",
    "温度/🌡, 38",
    "é, 7",
    "€€, 63",
    "a🌡, 44",
  })
  void partition_neverChanges(String name, int of64) {
    assertThat(Partitioner.partition(name, 64)).isEqualTo(of64);
  }
}
