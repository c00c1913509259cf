package dev.weir.service.core.overflow;

/**
 * What happens to a subscription that falls too far behind, in each partition by itself. Immutable.
 *
 * @param policy what happens
 * @param maxReadings readings it may be behind; 0: not bounded so
 * @param maxNanos time since its next reading was stored; 0: not bounded so. With neither, overflow
 *     begins where the next record has left memory
 */
public record OverflowRule(Policy policy, long maxReadings, long maxNanos) {
  /** Reads on from the log; never lossy. */
  public static final OverflowRule CATCH_UP = new OverflowRule(Policy.CATCH_UP, 0, 0);

  /** What happens. */
  public enum Policy {
    /** It reads on from the log. */
    CATCH_UP,
    /** It gets last values instead. */
    CONFLATE,
    /** It goes on nearer to the head. */
    DROP_OLDEST,
    /** It ends. */
    END
  }

  /** Whether anything happens at all. */
  public boolean lossy() {
    return policy != Policy.CATCH_UP;
  }

  /** Whether it begins where the next record has left memory. */
  public boolean byMemory() {
    return lossy() && maxReadings == 0 && maxNanos == 0;
  }

  /** Whether so many readings behind are too many. */
  public boolean tooManyBehind(long lagReadings) {
    return lossy() && maxReadings > 0 && lagReadings > maxReadings;
  }

  /** The oldest append time its next reading may have; Long.MIN_VALUE for any. */
  public long oldestAppendNanos(long nowNanos) {
    return lossy() && maxNanos > 0 ? nowNanos - maxNanos : Long.MIN_VALUE;
  }

  /** Where DROP_OLDEST goes on: the count of readings half of max_lag behind the head. */
  public long targetReadings(long headReadings) {
    return Math.max(0, headReadings - maxReadings / 2);
  }

  /** Where DROP_OLDEST goes on: the append time half of max_lag ago. */
  public long targetAppendNanos(long nowNanos) {
    return nowNanos - maxNanos / 2;
  }
}
