package dev.weir.common.protobuf;

import dev.weir.common.OwnedBy;

/**
 * Chooses base, step, unit and offsets for the times of one column: no offsets for a steady
 * cadence, small ones for jitter. Owned by the encoder.
 */
@OwnedBy("loop")
public final class TimeColumn {
  /** Greater distances could overflow when a step is subtracted. */
  private static final long SAFE_RANGE = 1L << 60;

  private static final long SAFE_MAGNITUDE = 1L << 62;
  private static final long MICROSECOND = 1_000;

  /** Readings, about, that show whether a step pays. */
  private static final int SAMPLE = 64;

  public long base;
  public long step;
  public long unit;

  /** Bytes of all offsets; 0: there are none. */
  public int offsetBytes;

  /** The offsets in zigzag form. */
  private long[] offsets = new long[0];

  private long min;
  private long max;

  public void plan(long[] times, int count) {
    if (offsets.length < count) {
      offsets = new long[Math.max(count, 2 * offsets.length)];
    }
    base = times[0];
    step = 0;
    unit = 1;
    offsetBytes = 0;
    spread(times, count);
    boolean near = min > -SAFE_MAGNITUDE && max < SAFE_MAGNITUDE; // else the difference is wrong
    if (!near || max - min >= SAFE_RANGE) {
      base = 0;
      fill(times, count);
      return;
    }
    step = count > 1 ? (times[count - 1] - base) / (count - 1) : 0;
    if (isSteady(times, count)) {
      return;
    }
    unit = unitOf(times, count);
    step -= step % unit;
    long flatMiddle = middle();
    spread(times, count);
    long middle = middle();
    if (sampleBytes(times, count, flatMiddle, 0) <= sampleBytes(times, count, middle, step)) {
      step = 0;
      middle = flatMiddle;
    }
    base = middle - (middle - base) % unit;
    fill(times, count);
  }

  private long middle() {
    return min + (max - min) / 2;
  }

  /** Returns the bytes of the offsets of a sample of readings from all over the column. */
  private long sampleBytes(long[] times, int count, long middle, long cadence) {
    int stride = count / SAMPLE | 1; // odd, because sensors in turn repeat after an even number
    long bytes = 0;
    for (int i = 0; i < count; i += stride) {
      bytes += Varint.size(Varint.zigzag((times[i] - middle - i * cadence) / unit));
    }
    return bytes;
  }

  /** Finds how far the times are before and after the cadence of this step that begins at zero. */
  private void spread(long[] times, int count) {
    long least = times[0];
    long most = times[0];
    long stepped = 0;
    for (int i = 1; i < count; i++) {
      stepped += step;
      least = Math.min(least, times[i] - stepped);
      most = Math.max(most, times[i] - stepped);
    }
    min = least;
    max = most;
  }

  private boolean isSteady(long[] times, int count) {
    long expected = base;
    for (int i = 0; i < count; i++) {
      if (times[i] != expected) {
        return false;
      }
      expected += step;
    }
    return true;
  }

  /** The greatest of 1 s, 1 ms, 1 µs, 1 ns that divides all distances; constants divide fast. */
  private static long unitOf(long[] times, int count) {
    long first = times[0];
    for (int i = 1; i < count; i++) {
      if ((times[i] - first) % 1_000 != 0) {
        return 1;
      }
    }
    for (int i = 1; i < count; i++) {
      if ((times[i] - first) % 1_000_000 != 0) {
        return 1_000;
      }
    }
    for (int i = 1; i < count; i++) {
      if ((times[i] - first) % 1_000_000_000 != 0) {
        return 1_000_000;
      }
    }
    return 1_000_000_000;
  }

  private void fill(long[] times, int count) {
    int bytes = 0;
    long expected = base;
    for (int i = 0; i < count; i++) {
      // Dividing by a constant is several times faster, and this unit is the usual one.
      long distance = times[i] - expected;
      long offset = Varint.zigzag(unit == MICROSECOND ? distance / MICROSECOND : distance / unit);
      offsets[i] = offset;
      bytes += Varint.size(offset);
      expected += step;
    }
    offsetBytes = bytes;
  }

  public int putOffsets(byte[] target, int at, int count) {
    int next = at;
    for (int i = 0; i < count; i++) {
      next = Varint.put(target, next, offsets[i]);
    }
    return next;
  }
}
