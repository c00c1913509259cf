package dev.weir.client;

import com.google.common.base.Utf8;
import java.time.Duration;
import java.util.Objects;

/** The checks of all options, with one text: {@code name: value (expected …)}. Stateless. */
final class OptionChecks {
  private OptionChecks() {}

  static int within(String name, int value, int min, int max) {
    return (int) within(name, (long) value, min, max);
  }

  static long within(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw wrong(name, value, min + " to " + max);
    }
    return value;
  }

  static Duration within(String name, Duration value, Duration min, Duration max) {
    Objects.requireNonNull(value, name);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw wrong(name, value, min + " to " + max);
    }
    return value;
  }

  static double finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw wrong(name, value, "a finite number");
    }
    return value;
  }

  static double notNegative(String name, double value) {
    if (!Double.isFinite(value) || value < 0) {
      throw wrong(name, value, "a finite number, not negative");
    }
    return value;
  }

  static String utf8(String name, String value, int bytesMin, int bytesMax) {
    Objects.requireNonNull(value, name);
    int bytes;
    try {
      bytes = Utf8.encodedLength(value);
    } catch (IllegalArgumentException e) {
      throw wrong(name, "\"" + value + "\"", "text without unpaired surrogates");
    }
    if (bytes < bytesMin || bytes > bytesMax) {
      throw wrong(name, "\"" + value + "\"", bytesMin + " to " + bytesMax + " bytes of UTF-8");
    }
    return value;
  }

  static IllegalArgumentException wrong(String name, Object value, String expected) {
    return new IllegalArgumentException(name + ": " + value + " (expected " + expected + ")");
  }
}
