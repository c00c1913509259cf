package dev.weir.service.core.mode;

import dev.weir.common.OwnedBy;

/**
 * Sends crossings of a limit. A slot is above or below; it goes up where a value exceeds the upper
 * edge and down where one is under the lower edge. Owned by its {@link ModeState}.
 */
@OwnedBy("view")
final class ThresholdRule implements ModeRule {
  private static final byte UNSEEN = 0;

  /** No value so far has a side; the first value that has one is sent too, to make it known. */
  private static final byte SIDELESS = 1;

  private static final byte BELOW = 2;
  private static final byte ABOVE = 3;

  private final ThresholdDirection direction;
  private final double upperEdge;
  private final double lowerEdge;
  private final ModeSlots slots = new ModeSlots();

  ThresholdRule(Mode.Threshold mode) {
    direction = mode.direction();
    boolean falling = direction == ThresholdDirection.FALLING;
    upperEdge = falling ? mode.limit() + mode.hysteresis() : mode.limit();
    lowerEdge = falling ? mode.limit() : mode.limit() - mode.hysteresis();
  }

  @Override
  public boolean takesDouble(int slot, long appendNanos, double value) {
    return Double.isNaN(value)
        ? takesSideless(slot, appendNanos)
        : takes(slot, appendNanos, value > upperEdge, value < lowerEdge);
  }

  @Override
  public boolean takesInteger(int slot, long appendNanos, long value) {
    return takes(slot, appendNanos, compare(value, upperEdge) > 0, compare(value, lowerEdge) < 0);
  }

  @Override
  public boolean takesBoolean(int slot, long appendNanos, boolean value) {
    return takesInteger(slot, appendNanos, value ? 1 : 0);
  }

  @Override
  public boolean takesBytes(int slot, long appendNanos, byte[] array, int offset, int length) {
    return takesSideless(slot, appendNanos);
  }

  private boolean takesSideless(int slot, long appendNanos) {
    byte[] states = slots.chunk(slot).state;
    int at = ModeSlots.index(slot);
    if (appendNanos == SEED || states[at] == UNSEEN) {
      states[at] = SIDELESS;
      return true;
    }
    return false;
  }

  private boolean takes(int slot, long appendNanos, boolean overUpper, boolean underLower) {
    byte[] states = slots.chunk(slot).state;
    int at = ModeSlots.index(slot);
    byte before = states[at];
    if (before <= SIDELESS || appendNanos == SEED) {
      // Between the edges nothing has been crossed yet: the limit that counts is still ahead.
      boolean above = direction == ThresholdDirection.FALLING ? !underLower : overUpper;
      states[at] = above ? ABOVE : BELOW;
      return true;
    }
    if (before == BELOW && overUpper) {
      states[at] = ABOVE;
      return direction != ThresholdDirection.FALLING;
    }
    if (before == ABOVE && underLower) {
      states[at] = BELOW;
      return direction != ThresholdDirection.RISING;
    }
    return false;
  }

  /** Compares exactly: as a double, a great integer might be rounded onto the edge. */
  private static int compare(long value, double edge) {
    if (edge >= 0x1p63) {
      return -1;
    }
    if (edge < -0x1p63) {
      return 1;
    }
    long whole = (long) edge;
    if (value != whole) {
      return Long.compare(value, whole);
    }
    double fraction = edge - whole;
    return fraction > 0 ? -1 : fraction < 0 ? 1 : 0;
  }
}
