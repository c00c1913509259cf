package dev.weir.bench.compare;

import dev.weir.bench.LaunchOptions;
import dev.weir.bench.measure.RunSettings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The command line: {@code --name value} pairs. Immutable. */
final class CompareOptions {
  private static final int NUMBER_MAX = 100_000;

  /** Name, default, meaning. */
  private static final List<Option> OPTIONS =
      List.of(
          new Option("form", "short", "short or full: which scenarios, how large, how long"),
          new Option("only", "", "scenarios, separated by commas; nothing: those of the form"),
          new Option("entrants", "", "only these contenders, separated by commas; nothing: all"),
          new Option("rounds", "0", "rounds of each contender; 0: 5, in the full form 7"),
          new Option("seconds", "0", "measured seconds of a round; 0: 2, in the full form 8"),
          new Option(
              "warmup", "0", "most seconds of warm-up before the first round; 0: 40, full 60"),
          new Option("limits", "", "limits of Weir's server, as name:value,… of docs/limits.md"),
          new Option(
              "jvm",
              "-Xms1g -Xmx1g -XX:MaxGCPauseMillis=20 -Dio.netty.leakDetection.level=disabled",
              "options of every JVM, whosever it is"),
          new Option("jfr", "", "directory for a flight recording of every JVM; nothing: none"),
          new Option("data", "bench/target/data", "directory for logs; deleted afterwards"),
          new Option("out", "bench/target/results.json", "file for the results"));

  private final Map<String, String> values = new LinkedHashMap<>();

  private CompareOptions() {
    OPTIONS.forEach(option -> values.put(option.name(), option.preset()));
  }

  private record Option(String name, String preset, String meaning) {
    String help() {
      String shown = preset.isEmpty() ? "nothing" : preset;
      return String.format("  --%-9s %s (default %s)", name, meaning, shown);
    }
  }

  /**
   * The options of a command line.
   *
   * @throws IllegalArgumentException in the form "name: value (expected …)"
   */
  static CompareOptions parse(String... args) {
    CompareOptions options = new CompareOptions();
    for (int i = 0; i < args.length; i += 2) {
      String name = args[i].startsWith("--") ? args[i].substring(2) : "";
      if (!options.values.containsKey(name)) {
        throw new IllegalArgumentException(args[i] + ": unknown option");
      }
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + ": nothing (expected a value)");
      }
      options.values.put(name, args[i + 1]);
    }
    if (!List.of("short", "full").contains(options.text("form"))) {
      throw new IllegalArgumentException(
          "--form: " + options.text("form") + " (expected short or full)");
    }
    List.of("rounds", "seconds", "warmup").forEach(options::count);
    return options;
  }

  static String help(List<String> scenarios) {
    return "bench/run-compare [--name value]…\n"
        + OPTIONS.stream().map(Option::help).collect(Collectors.joining("\n"))
        + "\nScenarios: "
        + String.join(", ", scenarios);
  }

  String text(String name) {
    return values.get(name);
  }

  private int count(String name) {
    String text = text(name);
    try {
      int number = Integer.parseInt(text);
      if (number >= 0 && number <= NUMBER_MAX) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The error below reports it, as for a number out of bounds.
    }
    throw new IllegalArgumentException(
        "--" + name + ": " + text + " (expected 0 to " + NUMBER_MAX + ")");
  }

  private int count(String name, int preset) {
    return count(name) == 0 ? preset : count(name);
  }

  /** Returns the items of a value that is a list. */
  List<String> list(String name) {
    return words(name, ",");
  }

  private List<String> words(String name, String separator) {
    return Arrays.stream(text(name).split(separator, -1)).filter(word -> !word.isEmpty()).toList();
  }

  boolean full() {
    return text("form").equals("full");
  }

  /** The setting of every scenario. */
  RunSettings setting() {
    Optional<Path> recordings =
        text("jfr").isEmpty() ? Optional.empty() : Optional.of(Path.of(text("jfr")));
    return new RunSettings(
        count("rounds", full() ? 7 : 5),
        count("seconds", full() ? 8 : 2),
        count("warmup", full() ? 60 : 40),
        Path.of(text("data")),
        new LaunchOptions(words("jvm", " "), recordings, text("limits")),
        list("entrants"),
        full());
  }

  /** Returns the command that repeats this run, without options that have their default. */
  String command() {
    return "bench/run-compare"
        + OPTIONS.stream()
            .filter(option -> !text(option.name()).equals(option.preset()))
            .map(option -> " --" + option.name() + " " + quoted(text(option.name())))
            .collect(Collectors.joining());
  }

  private static String quoted(String value) {
    return value.contains(" ") ? "'" + value + "'" : value;
  }
}
