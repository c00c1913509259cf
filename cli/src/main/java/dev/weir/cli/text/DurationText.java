package dev.weir.cli.text;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time as people write them. Stateless. */
public final class DurationText {
  /** The form that {@link #parse} takes, for error messages and help. */
  public static final String EXPECTED = "a number and ms, s, m, h or d, such as 500ms or 7d";

  private static final Pattern FORM =
      Pattern.compile("(?<number>\\d{1,12}(?:\\.\\d{1,9})?)(?<unit>ms|s|m|h|d)");
  private static final Map<String, BigDecimal> NANOS =
      Map.of(
          "ms", new BigDecimal(1_000_000L),
          "s", new BigDecimal(1_000_000_000L),
          "m", new BigDecimal(60_000_000_000L),
          "h", new BigDecimal(3_600_000_000_000L),
          "d", new BigDecimal(86_400_000_000_000L));

  private DurationText() {}

  /**
   * Reads a length of time; decimals are allowed.
   *
   * @throws IllegalArgumentException with a text for people
   */
  public static Duration parse(String text) {
    Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!form.matches()) {
      throw wrong(text, null);
    }
    try {
      return Duration.ofNanos(
          new BigDecimal(form.group("number"))
              .multiply(NANOS.get(form.group("unit")))
              .longValueExact());
    } catch (ArithmeticException e) {
      throw wrong(text, e);
    }
  }

  private static IllegalArgumentException wrong(String text, Throwable cause) {
    return new IllegalArgumentException(
        "\"" + text + "\" (expected " + EXPECTED + ", at most 292 years)", cause);
  }

  /** The two greatest units that it has, such as {@code 2h 5m}, {@code 3.2s} or {@code 40ms}. */
  public static String words(Duration duration) {
    long millis = Math.max(0, duration.toMillis());
    if (millis < 1_000) {
      return millis + "ms";
    }
    if (millis < 60_000) {
      return millis / 1_000 + "." + millis % 1_000 / 100 + "s";
    }
    long seconds = millis / 1_000;
    if (seconds < 3_600) {
      return two(seconds / 60, "m", seconds % 60, "s");
    }
    long minutes = seconds / 60;
    return minutes < 1_440
        ? two(minutes / 60, "h", minutes % 60, "m")
        : two(minutes / 1_440, "d", minutes % 1_440 / 60, "h");
  }

  private static String two(long great, String greatUnit, long small, String smallUnit) {
    return great + greatUnit + (small == 0 ? "" : " " + small + smallUnit);
  }
}
