package dev.weir.service.latest;

import dev.weir.service.core.Slice;

/**
 * The last values of a partition as they were at one moment. Sensors are named by their ordinal,
 * the sensor id divided by the topic's partition count. What is said of a sensor without a value
 * means nothing. Immutable.
 */
public final class LastValuesCut {
  private final int partition;
  private final int partitionCount;
  private final LastValuesChunk[] chunks;
  private final int ordinals;

  /** Takes over the chunks; nobody changes them any more. */
  LastValuesCut(int partition, int partitionCount, LastValuesChunk[] chunks, int ordinals) {
    this.partition = partition;
    this.partitionCount = partitionCount;
    this.chunks = chunks;
    this.ordinals = ordinals;
  }

  /** All ordinals with a value are below it. */
  public int ordinals() {
    return ordinals;
  }

  /** The sensor id of an ordinal. */
  public int sensorId(int ordinal) {
    return ordinal * partitionCount + partition;
  }

  /**
   * Returns whether the sensor has a last value, be it too large to be kept. Any ordinal from 0.
   */
  public boolean has(int ordinal) {
    return ordinal < ordinals
        && chunks[ordinal / LastValuesChunk.SENSORS] != null
        && chunk(ordinal).has(ordinal % LastValuesChunk.SENSORS);
  }

  /** Returns whether the value, and nothing else of it, was too large to be kept. */
  public boolean tooLarge(int ordinal) {
    return chunk(ordinal).tooLarge(ordinal % LastValuesChunk.SENSORS);
  }

  /** Number of the sensor's {@code weir.v1.Kind}. */
  public int kind(int ordinal) {
    return chunk(ordinal).kind(ordinal % LastValuesChunk.SENSORS);
  }

  /** The reading's event time, Unix nanoseconds. */
  public long timeNanos(int ordinal) {
    return chunk(ordinal).timeNanos(ordinal % LastValuesChunk.SENSORS);
  }

  /** A DOUBLE's bits, an INTEGER, or 1 or 0 for a BOOLEAN. */
  public long bits(int ordinal) {
    return chunk(ordinal).bits(ordinal % LastValuesChunk.SENSORS);
  }

  /** A TEXT (UTF-8) or BLOB value; empty where it is too large. */
  public Slice bytes(int ordinal) {
    return chunk(ordinal).bytes(ordinal % LastValuesChunk.SENSORS);
  }

  /** Offset of the record that holds the reading. */
  public long offset(int ordinal) {
    return chunk(ordinal).offset(ordinal % LastValuesChunk.SENSORS);
  }

  /** The reading's row in that record. */
  public int row(int ordinal) {
    return chunk(ordinal).row(ordinal % LastValuesChunk.SENSORS);
  }

  /** The array of {@link #bytes}, which nobody changes; null where it is too large. */
  byte[] text(int ordinal) {
    return chunk(ordinal).text(ordinal % LastValuesChunk.SENSORS);
  }

  /** Its chunks, which nobody changes. */
  LastValuesChunk[] chunks() {
    return chunks;
  }

  /** Bytes of the array that says which chunks it has. */
  long arrayBytes() {
    return LastValuesChunk.ARRAY_BYTES + LastValuesChunk.REFERENCE_BYTES * chunks.length;
  }

  /** Returns whether the other one was made at the same moment. */
  boolean sharesArraysWith(LastValuesCut other) {
    return chunks == other.chunks;
  }

  /** Returns whether it has this very chunk. */
  boolean hasChunk(int number, LastValuesChunk chunk) {
    return number < chunks.length && chunks[number] == chunk;
  }

  /** Returns whether it has this very array as a sensor's value. */
  boolean hasText(int ordinal, byte[] text) {
    return has(ordinal) && text(ordinal) == text;
  }

  private LastValuesChunk chunk(int ordinal) {
    return chunks[ordinal / LastValuesChunk.SENSORS];
  }
}
