package dev.weir.service.wire;

import java.util.function.IntPredicate;

/**
 * Which sensor ids a subscription gets. Immutable when its predicate is; asked once per reading.
 */
public final class Selection implements IntPredicate {
  private static final Selection ALL = new Selection(id -> true);

  private final IntPredicate matches;

  private Selection(IntPredicate matches) {
    this.matches = matches;
  }

  /** Every sensor. */
  public static Selection all() {
    return ALL;
  }

  /** The sensors whose ids match. */
  public static Selection of(IntPredicate matches) {
    return new Selection(matches);
  }

  /** Whether every sensor matches, so that stored bytes can be sent as they are. */
  public boolean isAll() {
    return this == ALL;
  }

  @Override
  public boolean test(int sensorId) {
    return matches.test(sensorId);
  }
}
