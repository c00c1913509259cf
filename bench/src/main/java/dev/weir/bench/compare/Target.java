package dev.weir.bench.compare;

/**
 * One row of the table: a number of ours, alone or against somebody's, with its bounds. Immutable.
 *
 * @param id such as {@code P1}
 * @param what in words
 * @param number the number of {@link Sample} it is about
 * @param ours a contender's name
 * @param theirs a contender's name; empty: ours alone
 * @param form how the two medians become one figure
 * @param bound which side of the bounds is good
 * @param required the bound that must be met
 * @param goal the bound to reach for
 */
record Target(
    String id,
    String what,
    String number,
    String ours,
    String theirs,
    Form form,
    Bound bound,
    double required,
    double goal) {
  /** How two medians become one figure. */
  enum Form {
    ALONE,
    RATIO,
    DIFFERENCE,
    /** A ratio whose bounds widen to how far the other side's own rounds lie apart. */
    QUIET_RATIO
  }

  /** Which side of a bound is good. */
  enum Bound {
    AT_LEAST,
    AT_MOST
  }
}
