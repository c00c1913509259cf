package dev.weir.cli.text;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times as people write them, to and from Unix nanoseconds. Stateless. */
public final class TimeText {
  /** The form that {@link #parse} takes, for error messages and help. */
  public static final String EXPECTED =
      "RFC 3339 such as 2026-11-23T08:30:00.25Z, or seconds, ms, µs or ns since 1970";

  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final BigDecimal MILLIS_FROM = new BigDecimal("1e11");
  private static final BigDecimal MICROS_FROM = new BigDecimal("1e14");
  private static final BigDecimal NANOS_FROM = new BigDecimal("1e17");
  private static final DateTimeFormatter TO_NANOS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  private TimeText() {}

  /**
   * Reads a time. A bare number is seconds below 10^11 (until the year 5138), else milliseconds
   * below 10^14, else microseconds below 10^17, else nanoseconds; a sign and decimals are allowed.
   *
   * @throws IllegalArgumentException with a text for people
   */
  public static long parse(String text) {
    String trimmed = text.strip();
    try {
      return dated(trimmed) ? ofDate(trimmed) : ofNumber(trimmed);
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("time: " + text + " (expected " + EXPECTED + ")", e);
    }
  }

  /** Returns whether a text begins like a date, "2026-11-…". */
  public static boolean dated(String text) {
    return text.length() >= 8
        && text.chars().limit(4).allMatch(c -> c >= '0' && c <= '9')
        && text.charAt(4) == '-'
        && text.charAt(7) == '-';
  }

  private static long ofDate(String text) {
    String upper = text.toUpperCase(Locale.ROOT);
    if (upper.length() > 10 && upper.charAt(10) == ' ') {
      upper = upper.substring(0, 10) + "T" + upper.substring(11);
    }
    Instant instant = OffsetDateTime.parse(upper).toInstant();
    return nanos(instant.getEpochSecond(), instant.getNano());
  }

  private static long nanos(long seconds, int nanos) {
    // In this order, so that the earliest time of all does not overflow on the way.
    return seconds < 0
        ? Math.addExact(Math.multiplyExact(seconds + 1, NANOS_PER_SECOND), nanos - NANOS_PER_SECOND)
        : Math.addExact(Math.multiplyExact(seconds, NANOS_PER_SECOND), nanos);
  }

  private static long ofNumber(String text) {
    if (text.length() > 40) {
      throw new NumberFormatException("too long");
    }
    BigDecimal number = new BigDecimal(text);
    BigDecimal size = number.abs();
    if (number.scale() > 40 || size.precision() - size.scale() > 20) {
      throw new ArithmeticException("out of range");
    }
    int powerOfTen =
        size.compareTo(MILLIS_FROM) < 0
            ? 9
            : size.compareTo(MICROS_FROM) < 0 ? 6 : size.compareTo(NANOS_FROM) < 0 ? 3 : 0;
    return number.scaleByPowerOfTen(powerOfTen).longValueExact();
  }

  /** The local time to the microsecond, for people: 26 characters in our era. */
  public static String local(Instant time) {
    return LOCAL.format(time);
  }

  /** RFC 3339 in UTC with all nine decimals, such as {@code 2026-11-23T08:30:00.250000000Z}. */
  public static String rfc3339(Timestamp time) {
    return TO_NANOS.format(Instant.ofEpochSecond(time.getSeconds(), time.getNanos()));
  }

  /** RFC 3339 of Unix nanoseconds. */
  public static String rfc3339(long epochNanos) {
    return rfc3339(Timestamps.fromNanos(epochNanos));
  }
}
