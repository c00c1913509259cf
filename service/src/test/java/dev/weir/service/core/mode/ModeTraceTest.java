package dev.weir.service.core.mode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Reference traces: readings in order, and which of them are sent. */
class ModeTraceTest {
  /** Slot, append time, value, whether it is sent. */
  private static final Pattern READING = Pattern.compile("(\\d+) +(-?\\d+) +(.+?) +(sent|-)");

  @TestFactory
  List<DynamicTest> traces_areSentAsWritten() throws IOException, URISyntaxException {
    Path folder = Path.of(getClass().getResource("every.trace").toURI()).getParent();
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".trace"))
          .sorted()
          .map(file -> DynamicTest.dynamicTest("" + file.getFileName(), () -> replay(file)))
          .toList();
    }
  }

  private static void replay(Path file) throws IOException {
    ModeState state = null;
    String kind = "";
    int sent = 0;
    for (String line : Files.readAllLines(file)) {
      String[] words = line.split(" +", 3);
      Matcher reading = READING.matcher(line);
      if (words[0].equals("mode")) {
        state = new ModeState(mode(line));
      } else if (words[0].equals("kind")) {
        kind = words[1];
      } else if (words[0].equals("seed")) {
        seed(state, kind, Integer.parseInt(words[1]), words[2]);
      } else if (reading.matches()) {
        boolean expected = reading.group(4).equals("sent");
        assertThat(takes(state, kind, reading)).as("%s: %s", file, line).isEqualTo(expected);
        sent += expected ? 1 : 0;
      } else {
        assertThat(line).startsWith("#");
      }
    }
    assertThat(sent).isPositive();
  }

  private static Mode mode(String line) {
    String[] words = line.split(" ");
    Map<String, String> settings =
        Stream.of(words)
            .skip(2)
            .map(word -> word.split("="))
            .collect(Collectors.toMap(setting -> setting[0], setting -> setting[1]));
    return switch (words[1]) {
      case "every" -> new Mode.Every();
      case "on_change" ->
          new Mode.OnChange(
              Double.parseDouble(settings.get("dead_band")),
              Long.parseLong(settings.get("max_silence")));
      case "sample" -> new Mode.Sample(Long.parseLong(settings.get("interval")));
      case "threshold" ->
          new Mode.Threshold(
              Double.parseDouble(settings.get("limit")),
              ThresholdDirection.valueOf(settings.get("direction").toUpperCase(Locale.ROOT)),
              Double.parseDouble(settings.get("hysteresis")));
      default -> throw new AssertionError(line);
    };
  }

  private static boolean takes(ModeState state, String kind, Matcher reading) {
    int slot = Integer.parseInt(reading.group(1));
    long time = Long.parseLong(reading.group(2));
    String value = reading.group(3);
    return switch (kind) {
      case "double" -> state.takesDouble(slot, time, Double.parseDouble(value));
      case "integer" -> state.takesInteger(slot, time, Long.parseLong(value));
      case "boolean" -> state.takesBoolean(slot, time, Boolean.parseBoolean(value));
      case "text" -> {
        byte[] bytes = ("x" + text(value) + "y").getBytes(StandardCharsets.UTF_8);
        yield state.takesBytes(slot, time, bytes, 1, bytes.length - 2);
      }
      default -> throw new AssertionError(kind);
    };
  }

  private static void seed(ModeState state, String kind, int slot, String value) {
    switch (kind) {
      case "double" -> state.seedDouble(slot, Double.parseDouble(value));
      case "integer" -> state.seedInteger(slot, Long.parseLong(value));
      case "boolean" -> state.seedBoolean(slot, Boolean.parseBoolean(value));
      case "text" -> {
        byte[] bytes = text(value).getBytes(StandardCharsets.UTF_8);
        state.seedBytes(slot, bytes, 0, bytes.length);
      }
      default -> throw new AssertionError(kind);
    }
  }

  private static String text(String quoted) {
    assertThat(quoted).startsWith("'").endsWith("'");
    return quoted.substring(1, quoted.length() - 1);
  }
}
