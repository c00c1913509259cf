package dev.weir.bench;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A value for every {@link Option}. Immutable. */
final class Options {
  private static final long NUMBER_MAX = 1L << 40;

  private final Map<Option, String> values = new EnumMap<>(Option.class);

  private Options() {
    for (Option option : Option.values()) {
      values.put(option, option.defaultText());
    }
  }

  /**
   * The options of a command line: {@code --name value} pairs.
   *
   * @throws IllegalArgumentException in the form "name: value (expected …)"
   */
  static Options parse(String... args) {
    Options options = new Options();
    for (int i = 0; i < args.length; i += 2) {
      Option option = named(args[i]);
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + ": nothing (expected a value)");
      }
      options.values.put(option, args[i + 1]);
    }
    for (Option option : List.of(Option.SENSORS, Option.PARTITIONS, Option.PUBLISHERS)) {
      options.atLeast(option, 1);
    }
    options.atLeast(Option.SECONDS, 1);
    options.atLeast(Option.RUNS, 0);
    options.atLeast(Option.WARMUP, 0);
    options.atLeast(Option.WIRE_SECONDS, 0);
    return options;
  }

  private static Option named(String flag) {
    for (Option option : Option.values()) {
      if (option.flag().equals(flag)) {
        return option;
      }
    }
    throw new IllegalArgumentException(flag + ": unknown option");
  }

  private void atLeast(Option option, long min) {
    if (number(option) < min) {
      throw expected(option, min);
    }
  }

  private IllegalArgumentException expected(Option option, long min) {
    return new IllegalArgumentException(
        option.flag() + ": " + text(option) + " (expected " + min + " to " + NUMBER_MAX + ")");
  }

  static String help() {
    return "run-throughput [--name value]…\n"
        + Arrays.stream(Option.values()).map(Option::help).collect(Collectors.joining("\n"));
  }

  String text(Option option) {
    return values.get(option);
  }

  long number(Option option) {
    long number;
    try {
      number = Long.parseLong(text(option));
    } catch (NumberFormatException e) {
      throw expected(option, 0);
    }
    if (number < 0 || number > NUMBER_MAX) {
      throw expected(option, 0);
    }
    return number;
  }

  int count(Option option) {
    return Math.toIntExact(number(option));
  }

  /** The words of a value that is a list. */
  List<String> words(Option option) {
    return Arrays.stream(text(option).split(" ", -1)).filter(word -> !word.isEmpty()).toList();
  }

  /** All of them, for the results. */
  Map<String, String> all() {
    Map<String, String> all = new LinkedHashMap<>();
    values.forEach((option, value) -> all.put(option.key(), value));
    return all;
  }
}
