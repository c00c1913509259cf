package dev.weir.service.wire.columns;

import dev.weir.common.OwnedBy;

/**
 * Some neighbouring readings of one run of numbers, as arrays: whoever goes through all readings of
 * a batch is faster with it. Owned by whoever has it filled.
 */
@OwnedBy("its caller")
public final class NumberChunk {
  /** Readings: 6 KiB, which stay in the processor's first cache. */
  public static final int SIZE_MAX = 256;

  final long[] sensorIds;
  final long[] timesNanos;
  final long[] bits;
  int count;
  int firstRow;

  private NumberChunk(int size) {
    sensorIds = new long[size];
    timesNanos = new long[size];
    bits = new long[size];
  }

  /** An empty one for the run at which a reader stands. */
  public static NumberChunk forRun(ColumnsReader reader) {
    return new NumberChunk(Math.min(reader.count(), SIZE_MAX));
  }

  /** Readings in it. */
  public int count() {
    return count;
  }

  /** The first reading's index in the batch, across its runs, from 0. */
  public int firstRow() {
    return firstRow;
  }

  /** A reading's sensor id, unsigned. */
  public int sensorId(int index) {
    return (int) sensorIds[index];
  }

  /** A reading's event time, Unix nanoseconds. */
  public long timeNanos(int index) {
    return timesNanos[index];
  }

  /** A DOUBLE's bits, an INTEGER, or 1 for true and 0 for false. */
  public long bits(int index) {
    return bits[index];
  }
}
