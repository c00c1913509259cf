package dev.weir.service.core.overflow;

/**
 * The rule for a subscription that falls too far behind, in each partition by itself. Immutable.
 *
 * @param policy what happens
 * @param maxReadings readings it may be behind; 0: not bounded so
 * @param maxNanos time since its next reading was stored; 0: not bounded so. With neither, overflow
 *     begins where the next record has left memory
 */
public record OverflowRule(Policy policy, long maxReadings, long maxNanos) {
  /** Reads on from the log; never lossy. */
  public static final OverflowRule CATCH_UP = new OverflowRule(Policy.CATCH_UP, 0, 0);

  /** The append time of a next record of which memory does not tell one: it is not too old. */
  public static final long NOT_KNOWN = Long.MAX_VALUE;

  /** The append time of a next record that the log has shown to be older than allowed. */
  public static final long TOO_OLD = Long.MIN_VALUE;

  /** The action on too great a lag. */
  public enum Policy {
    /** It reads on from the log. */
    CATCH_UP(OverflowAction.READ_ON),
    /** It gets last values instead. */
    CONFLATE(OverflowAction.CONFLATE),
    /** It goes on nearer to the head. */
    DROP_OLDEST(OverflowAction.DROP_OLDEST),
    /** It ends. */
    END(OverflowAction.END);

    private final OverflowAction action;

    Policy(OverflowAction action) {
      this.action = action;
    }
  }

  /** Returns whether anything happens at all. */
  public boolean lossy() {
    return policy != Policy.CATCH_UP;
  }

  /** Returns whether it ends a subscription, which it does while nothing may be sent too. */
  public boolean ends() {
    return policy == Policy.END;
  }

  /**
   * The one decision about a subscription that is behind in a partition.
   *
   * @param lagReadings readings between its position and the end of what counts as lag
   * @param nextAppendNanos when its next record was stored; {@link #NOT_KNOWN} where memory does
   *     not tell, {@link #TOO_OLD} where the log was asked and the record is older than allowed
   * @param leftMemory whether its next record was in memory and is not any more
   * @param nowNanos the server's clock
   */
  public OverflowAction action(
      long lagReadings, long nextAppendNanos, boolean leftMemory, long nowNanos) {
    boolean tooFar =
        tooManyBehind(lagReadings)
            || nextAppendNanos < oldestAppendNanos(nowNanos)
            || leftMemory && byMemory();
    return tooFar ? policy.action : OverflowAction.READ_ON;
  }

  /** Returns whether it begins where the next record has left memory. */
  private boolean byMemory() {
    return lossy() && maxReadings == 0 && maxNanos == 0;
  }

  /** Returns whether so many readings behind are too many. */
  private boolean tooManyBehind(long lagReadings) {
    return lossy() && maxReadings > 0 && lagReadings > maxReadings;
  }

  /** The oldest append time its next reading may have; Long.MIN_VALUE for any. */
  public long oldestAppendNanos(long nowNanos) {
    return lossy() && maxNanos > 0 ? nowNanos - maxNanos : Long.MIN_VALUE;
  }

  /** Returns where DROP_OLDEST goes on: the count of readings half of max_lag behind the head. */
  public long targetReadings(long headReadings) {
    return Math.max(0, headReadings - maxReadings / 2);
  }

  /** Returns where DROP_OLDEST goes on: the append time half of max_lag ago. */
  public long targetAppendNanos(long nowNanos) {
    return nowNanos - maxNanos / 2;
  }
}
