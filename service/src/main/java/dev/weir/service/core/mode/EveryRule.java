package dev.weir.service.core.mode;

/** Sends everything. Immutable. */
final class EveryRule implements ModeRule {
  @Override
  public boolean takesDouble(int slot, long appendNanos, double value) {
    return true;
  }

  @Override
  public boolean takesInteger(int slot, long appendNanos, long value) {
    return true;
  }

  @Override
  public boolean takesBoolean(int slot, long appendNanos, boolean value) {
    return true;
  }

  @Override
  public boolean takesBytes(int slot, long appendNanos, byte[] array, int offset, int length) {
    return true;
  }
}
