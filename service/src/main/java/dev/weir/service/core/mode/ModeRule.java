package dev.weir.service.core.mode;

/**
 * One mode's decision and state. A value offered at {@link #SEED} only counts as the last one sent;
 * the answer then means nothing.
 */
interface ModeRule {
  /** In place of an append time; no clock says it. */
  long SEED = Long.MIN_VALUE;

  /** Offers a DOUBLE. */
  boolean takesDouble(int slot, long appendNanos, double value);

  /** Offers an INTEGER. */
  boolean takesInteger(int slot, long appendNanos, long value);

  /** Offers a BOOLEAN. */
  boolean takesBoolean(int slot, long appendNanos, boolean value);

  /** Offers a TEXT or BLOB. */
  boolean takesBytes(int slot, long appendNanos, byte[] array, int offset, int length);
}
