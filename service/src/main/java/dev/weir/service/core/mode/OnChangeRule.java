package dev.weir.service.core.mode;

import dev.weir.common.OwnedBy;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Sends readings that differ from the last one sent of their slot, or come long after it. Owned by
 * its {@link ModeState}.
 */
@OwnedBy("view")
final class OnChangeRule implements ModeRule {
  private static final byte SENT = 1;

  /** Sent at a time that is not known. */
  private static final byte SEEDED = 2;

  private static final int SHORT_BYTES_MAX = 15;

  /** Marks a hash where short values have their length. */
  private static final long HASHED = 0xffL << 56;

  private final double deadBand;

  /** The greatest difference of two INTEGERs that is not more than the dead band; unsigned. */
  private final long deadBandUnits;

  private final long maxSilenceNanos;
  private final ModeSlots slots = new ModeSlots();
  private MessageDigest digest;

  OnChangeRule(Mode.OnChange mode) {
    deadBand = mode.deadBand();
    deadBandUnits = unsigned(deadBand);
    maxSilenceNanos = mode.maxSilenceNanos();
  }

  @Override
  public boolean takesDouble(int slot, long appendNanos, double value) {
    ModeSlots.Chunk chunk = slots.chunk(slot);
    double last = Double.longBitsToDouble(chunk.values()[ModeSlots.index(slot)]);
    boolean differs = value != last && !(Math.abs(value - last) <= deadBand);
    boolean bothNan = Double.isNaN(value) && Double.isNaN(last);
    long bits = Double.doubleToRawLongBits(value);
    return takes(chunk, slot, appendNanos, differs && !bothNan, bits);
  }

  @Override
  public boolean takesInteger(int slot, long appendNanos, long value) {
    ModeSlots.Chunk chunk = slots.chunk(slot);
    long last = chunk.values()[ModeSlots.index(slot)];
    // the difference of two longs always fits an unsigned one
    long difference = value > last ? value - last : last - value;
    boolean differs = Long.compareUnsigned(difference, deadBandUnits) > 0;
    return takes(chunk, slot, appendNanos, differs, value);
  }

  @Override
  public boolean takesBoolean(int slot, long appendNanos, boolean value) {
    ModeSlots.Chunk chunk = slots.chunk(slot);
    long bit = value ? 1 : 0;
    return takes(chunk, slot, appendNanos, bit != chunk.values()[ModeSlots.index(slot)], bit);
  }

  @Override
  public boolean takesBytes(int slot, long appendNanos, byte[] array, int offset, int length) {
    ModeSlots.Chunk chunk = slots.chunk(slot);
    byte[] source = array;
    int from = offset;
    int count = length;
    long more = (long) length << 56;
    if (length > SHORT_BYTES_MAX) {
      source = hash(array, offset, length);
      from = 0;
      count = SHORT_BYTES_MAX;
      more = HASHED;
    }
    long value = 0;
    for (int i = 0; i < count; i++) {
      long next = source[from + i] & 0xffL;
      if (i < Long.BYTES) {
        value |= next << 8 * i;
      } else {
        more |= next << 8 * (i - Long.BYTES);
      }
    }
    int at = ModeSlots.index(slot);
    boolean differs = value != chunk.values()[at] || more != chunk.moreValues()[at];
    boolean takes = takes(chunk, slot, appendNanos, differs, value);
    if (takes) {
      chunk.moreValues()[at] = more;
    }
    return takes;
  }

  private boolean takes(
      ModeSlots.Chunk chunk, int slot, long appendNanos, boolean differs, long value) {
    int at = ModeSlots.index(slot);
    if (appendNanos == SEED) {
      chunk.state[at] = SEEDED;
      chunk.values()[at] = value;
      return true;
    }
    boolean takes = differs || chunk.state[at] == 0;
    if (maxSilenceNanos > 0) {
      long[] times = chunk.times();
      takes |= chunk.state[at] == SENT && appendNanos - times[at] >= maxSilenceNanos;
      if (takes || chunk.state[at] == SEEDED) {
        times[at] = appendNanos;
      }
    }
    chunk.state[at] = SENT;
    if (takes) {
      chunk.values()[at] = value;
    }
    return takes;
  }

  /** SHA-256, so that no publisher can make two values that look equal. */
  private byte[] hash(byte[] array, int offset, int length) {
    if (digest == null) {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-256", e);
      }
    }
    digest.update(array, offset, length);
    return digest.digest();
  }

  /** The greatest unsigned long that is not more than a double. */
  private static long unsigned(double value) {
    if (value >= 0x1p64) {
      return -1L;
    }
    return value >= 0x1p63 ? (long) (value - 0x1p63) + Long.MIN_VALUE : (long) value;
  }
}
