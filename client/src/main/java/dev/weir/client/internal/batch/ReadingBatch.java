package dev.weir.client.internal.batch;

import dev.weir.client.internal.OwnedBy;
import dev.weir.v1.Kind;
import java.util.function.IntPredicate;

/**
 * Readings of one partition that travel together, and the futures of their ack. Owned by its
 * gather, under that one's lock, until it is taken; then by the loop.
 */
@OwnedBy("its gather, then the loop")
public final class ReadingBatch {
  /** What a batch weighs besides its readings: envelope, columns, futures. */
  static final int OVERHEAD_BYTES = 384;

  /** The most that a reading takes on the wire besides a text or blob: id, time, value. */
  static final int READING_BYTES = 25;

  private static final int KINDS = Kind.KIND_BLOB_VALUE + 1;

  private final Promise promise;
  private final ColumnBuffer[] byKind = new ColumnBuffer[KINDS];
  private final String traceparent;
  private final long beganNanos;
  private final int capacity;

  private int readings;
  private int weightBytes = OVERHEAD_BYTES;

  ReadingBatch(String traceparent, long beganNanos, int capacity) {
    this(new Promise(), traceparent, beganNanos, capacity);
  }

  /** A batch for which something is owed already. */
  ReadingBatch(Promise promise, String traceparent, long beganNanos, int capacity) {
    this.promise = promise;
    this.traceparent = traceparent;
    this.beganNanos = beganNanos;
    this.capacity = capacity;
  }

  /** The column of a kind, made when it is first used. */
  ColumnBuffer column(int kind) {
    ColumnBuffer column = byKind[kind];
    if (column == null) {
      column = new ColumnBuffer(kind, capacity);
      byKind[kind] = column;
    }
    return column;
  }

  /** The column of a kind, or null. */
  ColumnBuffer columnOrNull(int kind) {
    return byKind[kind];
  }

  void added(int payloadBytes) {
    readings++;
    weightBytes += READING_BYTES + payloadBytes;
  }

  /** Takes out the readings of some sensors; its weight stays what was reserved. */
  public void removeIf(IntPredicate slotGone) {
    for (int kind = 0; kind < KINDS; kind++) {
      ColumnBuffer column = byKind[kind];
      if (column != null) {
        readings -= column.count;
        column.removeIf(slotGone);
        readings += column.count;
        byKind[kind] = column.count == 0 ? null : column;
      }
    }
  }

  /** What is owed for it. */
  public Promise promise() {
    return promise;
  }

  /** How many readings it holds. */
  public int readings() {
    return readings;
  }

  /** An upper bound of its bytes on the wire; what it counts against the buffer. */
  public int weightBytes() {
    return weightBytes;
  }

  /** When its first reading was published, by the loop's clock. */
  public long beganNanos() {
    return beganNanos;
  }

  String traceparent() {
    return traceparent;
  }
}
