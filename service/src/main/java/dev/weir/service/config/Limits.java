package dev.weir.service.config;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * A value for every {@link Limit}, each within its bounds and in accord with the others. Immutable.
 */
public final class Limits {
  private static final Limits DEFAULTS = new Limits(Map.of());

  private final Map<Limit, Long> values = new EnumMap<>(Limit.class);

  private Limits(Map<Limit, Long> set) {
    for (Limit limit : Limit.values()) {
      values.put(limit, set.getOrDefault(limit, limit.defaultValue()));
    }
  }

  /** The defaults. */
  public static Limits defaults() {
    return DEFAULTS;
  }

  /**
   * These limits with one changed.
   *
   * @throws IllegalArgumentException if the value is out of bounds or disagrees with another limit;
   *     the message has the form of {@link #problem}
   */
  public Limits with(Limit limit, long value) {
    var set = new EnumMap<>(values);
    set.put(limit, value);
    return of(set);
  }

  /**
   * The defaults with some changed.
   *
   * @throws IllegalArgumentException as {@link #with}
   */
  public static Limits of(Map<Limit, Long> set) {
    set.forEach((limit, value) -> refuse(problem(limit, value)));
    var limits = new Limits(set);
    refuse(limits.disagreement());
    return limits;
  }

  /** Returns what is wrong with a value by itself: "name: value (expected …)". */
  public static Optional<String> problem(Limit limit, long value) {
    if (value < limit.min() || value > limit.max()) {
      return Optional.of(
          String.format(
              "%s: %d (expected %d to %d %s)",
              limit.yamlName(), value, limit.min(), limit.max(), limit.unit()));
    }
    if (limit == Limit.TAIL_RECORDS_MAX && Long.bitCount(value) != 1) {
      return Optional.of(limit.yamlName() + ": " + value + " (expected a power of two)");
    }
    return Optional.empty();
  }

  /** The first pair of limits that cannot both hold. */
  private Optional<String> disagreement() {
    return atLeast(Limit.PUBLISH_WINDOW_BYTES, Limit.MESSAGE_BYTES_MAX)
        .or(() -> atLeast(Limit.COMMIT_ROUND_BYTES_MAX, Limit.MESSAGE_BYTES_MAX));
  }

  private Optional<String> atLeast(Limit limit, Limit other) {
    return get(limit) >= get(other)
        ? Optional.empty()
        : Optional.of(
            String.format(
                "%s: %d (expected at least %s, which is %d)",
                limit.yamlName(), get(limit), other.yamlName(), get(other)));
  }

  private static void refuse(Optional<String> problem) {
    problem.ifPresent(
        text -> {
          throw new IllegalArgumentException(text);
        });
  }

  /** The value of a limit, in its unit. */
  public long get(Limit limit) {
    return values.get(limit);
  }

  /** A limit with its value, as refusals name it: "client_sessions_max (256)". */
  public String told(Limit limit) {
    return limit.yamlName() + " (" + get(limit) + ")";
  }

  /**
   * The value of a limit whose greatest value fits.
   *
   * @throws ArithmeticException if the value is beyond the range of int
   */
  public int getInt(Limit limit) {
    return Math.toIntExact(get(limit));
  }
}
