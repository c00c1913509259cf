package dev.weir.bench.measure;

/**
 * One row of the table: a number of ours, alone or against somebody's, with its bounds. Immutable.
 *
 * @param id such as {@code P1}
 * @param what the title of the row
 * @param number the number of {@link RoundSample} it is about
 * @param ours a contender's name
 * @param theirs a contender's name; empty: ours alone
 * @param form how the two medians become one figure
 * @param bound which side of the bounds is good
 * @param required the bound that must be met
 * @param goal the bound to reach for
 */
public record BenchTarget(
    String id,
    String what,
    String number,
    String ours,
    String theirs,
    Form form,
    Bound bound,
    double required,
    double goal) {
  /** The form in which two medians become one figure. */
  public enum Form {
    ALONE,
    RATIO,
    DIFFERENCE,
    /** A ratio whose bounds widen to how far the other side's own rounds lie apart. */
    QUIET_RATIO
  }

  /** The side of a bound that is good. */
  public enum Bound {
    AT_LEAST,
    AT_MOST
  }
}
