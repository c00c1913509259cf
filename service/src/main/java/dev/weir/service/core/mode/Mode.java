package dev.weir.service.core.mode;

/**
 * The rule that chooses which of the matching readings are sent. Immutable. The first reading of a
 * sensor is always one of them. Times are append times: they do not decrease.
 */
public sealed interface Mode {
  /** All of them. */
  record Every() implements Mode {}

  /**
   * Sends the readings that differ from the last one sent of their sensor.
   *
   * @param deadBand a DOUBLE or INTEGER must differ by more than this; finite, not negative. Other
   *     kinds need only differ. NaN equals NaN, and 0.0 equals -0.0.
   * @param maxSilenceNanos a reading appended at least this long after the last one sent is sent
   *     although it does not differ; 0 for never
   */
  record OnChange(double deadBand, long maxSilenceNanos) implements Mode {
    public OnChange {
      check(deadBand >= 0 && Double.isFinite(deadBand) && maxSilenceNanos >= 0);
    }
  }

  /**
   * The first of each sensor in each interval.
   *
   * @param intervalNanos at least 1; intervals begin at whole multiples since the Unix epoch
   */
  record Sample(long intervalNanos) implements Mode {
    public Sample {
      check(intervalNanos > 0);
    }
  }

  /**
   * Sends the readings that cross a limit. BOOLEAN counts as 0 and 1; NaN, TEXT and BLOB cross
   * nothing.
   *
   * @param limit finite
   * @param direction which crossings count
   * @param hysteresis how far a value must go back before it can cross again; finite, not negative
   */
  record Threshold(double limit, ThresholdDirection direction, double hysteresis) implements Mode {
    public Threshold {
      check(Double.isFinite(limit) && direction != null);
      check(hysteresis >= 0 && Double.isFinite(hysteresis));
    }
  }

  private static void check(boolean legal) {
    if (!legal) {
      throw new IllegalArgumentException("a mode's settings are out of their bounds");
    }
  }
}
