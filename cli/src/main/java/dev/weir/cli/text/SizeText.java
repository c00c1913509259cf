package dev.weir.cli.text;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as people write them. Stateless. */
public final class SizeText {
  /** The form that {@link #parse} takes, for error messages and help. */
  public static final String EXPECTED = "bytes, or a number and KiB, MiB, GiB or TiB";

  private static final Pattern FORM = Pattern.compile("(?<number>\\d{1,18})(?<unit>[kmgt]ib)?");
  private static final List<String> UNITS = List.of("KiB", "MiB", "GiB", "TiB");

  private SizeText() {}

  /**
   * Reads a number of bytes.
   *
   * @throws IllegalArgumentException with a text for people
   */
  public static long parse(String text) {
    Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!form.matches()) {
      throw wrong(text, null);
    }
    int shift =
        form.group("unit") == null ? 0 : 10 * (1 + "kmgt".indexOf(form.group("unit").charAt(0)));
    try {
      return Math.multiplyExact(Long.parseLong(form.group("number")), 1L << shift);
    } catch (ArithmeticException e) {
      throw wrong(text, e);
    }
  }

  private static IllegalArgumentException wrong(String text, Throwable cause) {
    return new IllegalArgumentException("\"" + text + "\" (expected " + EXPECTED + ")", cause);
  }

  /** The greatest unit in which it is a whole number, such as {@code 64MiB} or {@code 1500B}. */
  public static String words(long bytes) {
    String unit = "B";
    long number = bytes;
    for (String greater : UNITS) {
      if (number == 0 || number % 1_024 != 0) {
        break;
      }
      number /= 1_024;
      unit = greater;
    }
    return number + unit;
  }
}
