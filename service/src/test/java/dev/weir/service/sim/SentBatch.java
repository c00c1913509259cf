package dev.weir.service.sim;

import java.util.Arrays;

/** One batch as a producer made it, and what became of it. Owned by one world. */
final class SentBatch {
  /** Readings of one batch, at most. */
  static final int READINGS_MAX = 16;

  /** The part of a value that says which reading it is; what is above it is free. */
  static final long VALUES = 1_000_000_000_000L;

  final long id;
  final String producer;
  final int partition;
  final String[] sensors;
  final long[] values;
  long sequence;

  /** Its record; -1 for none. */
  long offset = -1;

  boolean refused;
  boolean acked;

  /** A batch of one reading per sensor. */
  SentBatch(long id, String producer, int partition, String[] sensors, long[] heights) {
    this.id = id;
    this.producer = producer;
    this.partition = partition;
    this.sensors = sensors;
    this.values = new long[heights.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = heights[i] * VALUES + id * READINGS_MAX + i;
    }
  }

  /** The batch that a value is of. */
  static long idOf(long value) {
    return Math.floorMod(value, VALUES) / READINGS_MAX;
  }

  /** What a value is but for saying which it is. */
  static long heightOf(long value) {
    return Math.floorDiv(value, VALUES);
  }

  @Override
  public String toString() {
    return "batch "
        + id
        + " ("
        + producer
        + "/"
        + partition
        + " sequence "
        + sequence
        + ", "
        + Arrays.toString(sensors)
        + (offset < 0 ? ", not stored" : ", offset " + offset)
        + (refused ? ", refused" : "")
        + (acked ? ", acked" : "")
        + ")";
  }
}
