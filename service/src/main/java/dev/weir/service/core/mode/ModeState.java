package dev.weir.service.core.mode;

import dev.weir.common.OwnedBy;

/**
 * The state that a mode keeps of each sensor, to say which of its readings are sent. Sensors are
 * slots: small numbers from 0, each with values of one kind. Memory is taken in chunks of 1,024
 * slots when one of them is first used: at most 25 bytes a slot whatever the values' lengths, as
 * long values are kept as hashes. Owned by the view or subscription that made it.
 */
@OwnedBy("view")
public final class ModeState {
  private final ModeRule rule;

  /** Has seen nothing yet. */
  public ModeState(Mode mode) {
    if (mode instanceof Mode.OnChange onChange) {
      rule = new OnChangeRule(onChange);
    } else if (mode instanceof Mode.Sample sample) {
      rule = new SampleRule(sample.intervalNanos());
    } else if (mode instanceof Mode.Threshold threshold) {
      rule = new ThresholdRule(threshold);
    } else {
      rule = new EveryRule();
    }
  }

  /** Returns whether a DOUBLE reading is sent; if so, it is the last one sent from now on. */
  public boolean takesDouble(int slot, long appendTimeNanos, double value) {
    return rule.takesDouble(slot, appendTimeNanos, value);
  }

  /** Returns whether an INTEGER reading is sent; as {@link #takesDouble}. */
  public boolean takesInteger(int slot, long appendTimeNanos, long value) {
    return rule.takesInteger(slot, appendTimeNanos, value);
  }

  /** Returns whether a BOOLEAN reading is sent; as {@link #takesDouble}. */
  public boolean takesBoolean(int slot, long appendTimeNanos, boolean value) {
    return rule.takesBoolean(slot, appendTimeNanos, value);
  }

  /** Returns whether a TEXT or BLOB reading is sent; as {@link #takesDouble}. */
  public boolean takesBytes(int slot, long appendTimeNanos, byte[] array, int offset, int length) {
    return rule.takesBytes(slot, appendTimeNanos, array, offset, length);
  }

  /**
   * Makes a DOUBLE count as the last one sent, at a time that is not known: silence is counted from
   * the next reading on, the next reading begins an interval, and the side of a limit is known.
   */
  public void seedDouble(int slot, double value) {
    rule.takesDouble(slot, ModeRule.SEED, value);
  }

  /** Makes an INTEGER count as the last one sent; as {@link #seedDouble}. */
  public void seedInteger(int slot, long value) {
    rule.takesInteger(slot, ModeRule.SEED, value);
  }

  /** Makes a BOOLEAN count as the last one sent; as {@link #seedDouble}. */
  public void seedBoolean(int slot, boolean value) {
    rule.takesBoolean(slot, ModeRule.SEED, value);
  }

  /** Makes a TEXT or BLOB count as the last one sent; as {@link #seedDouble}. */
  public void seedBytes(int slot, byte[] array, int offset, int length) {
    rule.takesBytes(slot, ModeRule.SEED, array, offset, length);
  }
}
