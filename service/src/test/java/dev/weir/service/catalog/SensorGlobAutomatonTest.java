package dev.weir.service.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many globs at once. */
class SensorGlobAutomatonTest {
  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Random random, String letters, int most) {
    var text = new StringBuilder();
    for (int i = 1 + random.nextInt(most); i > 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }

  private static List<String> globs(Random random, int most) {
    List<String> globs = new ArrayList<>();
    while (globs.size() < most) {
      String glob = text(random, "ab*/*é", 12).replace("//", "/**/");
      if (SensorGlobSyntax.check(glob).isEmpty()) {
        globs.add(glob);
      }
    }
    return globs;
  }

  @Property(tries = 500)
  void manyGlobs_matchWhatOneOfThemMatches(@ForAll long seed) {
    var random = new Random(seed);
    List<String> globs = globs(random, 1 + random.nextInt(30));
    var matcher = new SensorGlobMatcher(new SensorGlobAutomaton(globs));
    for (int i = 0; i < 60; i++) {
      String name = text(random, "aab/é", 20);
      boolean expected = globs.stream().anyMatch(glob -> SelectorModel.matches(glob, name));
      assertThat(matcher.matches(bytes(name), 0, bytes(name).length))
          .as("%s matches %s", globs, name)
          .isEqualTo(expected);
    }
  }

  @Property(tries = 200)
  void everyMatch_beginsWithThePrefix(@ForAll long seed) {
    var random = new Random(seed);
    String glob = globs(random, 1).get(0);
    for (int i = 0; i < 200; i++) {
      String name = text(random, "aab/é", 8);
      if (SelectorModel.matches(glob, name)) {
        assertThat(name).startsWith(SensorGlobSyntax.prefix(glob));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a/b, a/b",
    "a/*, a/",
    "a/**, a",
    "a/**/c, a",
    "a/b*, a/b",
    "'**', ''",
    "*a, ''",
    "**/a, ''"
  })
  void prefix_isWhatStandsBeforeTheFirstStar(String glob, String prefix) {
    assertThat(SensorGlobSyntax.prefix(glob)).isEqualTo(prefix);
  }

  @Test
  void globsWhoseTableIsFull_stillMatchRightAndInTime() {
    var random = new Random(7);
    List<String> globs =
        IntStream.range(0, 100)
            .mapToObj(i -> "*" + text(random, "ab*b", 60).replace("**", "*"))
            .map(glob -> glob.replace("**", "*"))
            .filter(glob -> SensorGlobSyntax.check(glob).isEmpty())
            .toList();
    var compiled = new SensorGlobAutomaton(globs);
    var matcher = new SensorGlobMatcher(compiled);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (int i = 0; i < 5_000; i++) {
            byte[] name = bytes(text(random, "ab", 100));
            assertThat(matcher.matches(name, 0, name.length))
                .isEqualTo(compiled.matches(compiled.beginning().clone(), name, 0, name.length));
          }
        });
  }
}
