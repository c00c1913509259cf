package dev.weir.client.internal.batch;

import dev.weir.client.internal.OwnedBy;

/**
 * Chooses base, step, unit and offsets for the times of one column: no offsets for a steady
 * cadence, small ones for jitter. Owned by the encoder.
 */
@OwnedBy("loop")
final class TimeColumn {
  /** Greater distances could overflow when a step is subtracted. */
  private static final long SAFE_RANGE = 1L << 60;

  private static final long SAFE_MAGNITUDE = 1L << 62;

  long base;
  long step;
  long unit;

  /** Bytes of all offsets; 0: there are none. */
  int offsetBytes;

  private long[] offsets = new long[0];

  void plan(long[] times, int count) {
    if (offsets.length < count) {
      offsets = new long[Math.max(count, 2 * offsets.length)];
    }
    base = times[0];
    step = 0;
    unit = 1;
    offsetBytes = 0;
    if (!isSafe(times, count)) {
      base = 0;
      System.arraycopy(times, 0, offsets, 0, count);
      offsetBytes = sizeOf(count);
      return;
    }
    step = count > 1 ? (times[count - 1] - base) / (count - 1) : 0;
    if (isSteady(times, count)) {
      return;
    }
    unit = unitOf(times, count);
    step -= step % unit;
    offsetBytes = fill(times, count);
    long best = step;
    if (best != 0) {
      int sloped = offsetBytes;
      base = times[0];
      step = 0;
      offsetBytes = fill(times, count);
      if (offsetBytes > sloped) {
        base = times[0];
        step = best;
        offsetBytes = fill(times, count);
      }
    }
  }

  private static boolean isSafe(long[] times, int count) {
    long min = times[0];
    long max = times[0];
    for (int i = 1; i < count; i++) {
      min = Math.min(min, times[i]);
      max = Math.max(max, times[i]);
    }
    return min > -SAFE_MAGNITUDE && max < SAFE_MAGNITUDE && max - min < SAFE_RANGE;
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

  /** Computes the offsets around their middle, which moves the base; returns their bytes. */
  private int fill(long[] times, int count) {
    long min = 0;
    long max = 0;
    long expected = base;
    for (int i = 0; i < count; i++) {
      long distance = times[i] - expected;
      offsets[i] = distance;
      min = Math.min(min, distance);
      max = Math.max(max, distance);
      expected += step;
    }
    long middle = (min + max) / 2;
    middle -= middle % unit;
    base += middle;
    toUnits(count, middle);
    return sizeOf(count);
  }

  /** Divides by a constant where the unit is a usual one: several times faster. */
  private void toUnits(int count, long middle) {
    if (unit == 1_000) {
      for (int i = 0; i < count; i++) {
        offsets[i] = (offsets[i] - middle) / 1_000;
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      offsets[i] = (offsets[i] - middle) / unit;
    }
  }

  private int sizeOf(int count) {
    int bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += Varint.size(Varint.zigzag(offsets[i]));
    }
    return bytes;
  }

  int putOffsets(byte[] target, int at, int count) {
    int next = at;
    for (int i = 0; i < count; i++) {
      next = Varint.put(target, next, Varint.zigzag(offsets[i]));
    }
    return next;
  }
}
