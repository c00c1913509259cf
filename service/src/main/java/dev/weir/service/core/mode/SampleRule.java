package dev.weir.service.core.mode;

import dev.weir.common.OwnedBy;

/** Sends the first reading of each slot in each interval. Owned by its {@link ModeState}. */
@OwnedBy("view")
final class SampleRule implements ModeRule {
  private final long intervalNanos;
  private final ModeSlots slots = new ModeSlots();

  SampleRule(long intervalNanos) {
    this.intervalNanos = intervalNanos;
  }

  private boolean takes(int slot, long appendNanos) {
    ModeSlots.Chunk chunk = slots.chunk(slot);
    int at = ModeSlots.index(slot);
    if (appendNanos == SEED) {
      chunk.state[at] = 0;
      return false;
    }
    long interval = Math.floorDiv(appendNanos, intervalNanos);
    long[] intervals = chunk.times();
    if (chunk.state[at] != 0 && intervals[at] == interval) {
      return false;
    }
    chunk.state[at] = 1;
    intervals[at] = interval;
    return true;
  }

  @Override
  public boolean takesDouble(int slot, long appendNanos, double value) {
    return takes(slot, appendNanos);
  }

  @Override
  public boolean takesInteger(int slot, long appendNanos, long value) {
    return takes(slot, appendNanos);
  }

  @Override
  public boolean takesBoolean(int slot, long appendNanos, boolean value) {
    return takes(slot, appendNanos);
  }

  @Override
  public boolean takesBytes(int slot, long appendNanos, byte[] array, int offset, int length) {
    return takes(slot, appendNanos);
  }
}
