package dev.weir.cli.text;

import dev.weir.v1.Kind;
import java.util.Locale;
import java.util.regex.Pattern;

/** The kinds of values that can be written as text, and how each is read. */
public enum ValueKind {
  DOUBLE(Kind.KIND_DOUBLE, "a number, NaN or Infinity"),
  INTEGER(Kind.KIND_INTEGER, "a whole number of 64 bits"),
  BOOLEAN(Kind.KIND_BOOLEAN, "true or false"),
  TEXT(Kind.KIND_TEXT, "a text");

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");

  private final Kind kind;
  private final String expected;

  ValueKind(Kind kind, String expected) {
    this.kind = kind;
    this.expected = expected;
  }

  /** The sensor's kind. */
  public Kind kind() {
    return kind;
  }

  /**
   * Refuses a text that is no value of this kind.
   *
   * @throws IllegalArgumentException with a text for people
   */
  public void check(String text) {
    switch (this) {
      case DOUBLE -> doubleOf(text);
      case INTEGER -> integerOf(text);
      case BOOLEAN -> booleanOf(text);
      case TEXT -> {}
    }
  }

  /**
   * Reads a DOUBLE.
   *
   * @throws IllegalArgumentException with a text for people, as the other methods
   */
  public static double doubleOf(String text) {
    String stripped = text.strip();
    if (NUMBER.matcher(stripped).matches()) {
      double value = Double.parseDouble(stripped);
      if (Double.isInfinite(value)) {
        throw DOUBLE.unexpected(text);
      }
      return value;
    }
    return switch (stripped.toLowerCase(Locale.ROOT)) {
      case "nan" -> Double.NaN;
      case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw DOUBLE.unexpected(text);
    };
  }

  /** Reads an INTEGER. */
  public static long integerOf(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw INTEGER.unexpected(text);
    }
  }

  /** Reads a BOOLEAN. */
  public static boolean booleanOf(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw BOOLEAN.unexpected(text);
    };
  }

  private IllegalArgumentException unexpected(String text) {
    return new IllegalArgumentException(
        "value: \"" + text + "\" (expected " + expected + "; --kind says which kind values are)");
  }
}
