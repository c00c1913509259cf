package dev.weir.client.internal.batch;

import dev.weir.common.OwnedBy;
import dev.weir.v1.Kind;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * Readings of one partition that travel together, and the futures of their ack. Owned by its
 * gather, under that one's lock, until it is taken; then by the loop.
 */
@OwnedBy("its gather, then the loop")
public final class ReadingBatch {
  /** The weight of a batch besides its readings: envelope, columns, futures. */
  static final int OVERHEAD_BYTES = 384;

  /** The most that a reading takes on the wire besides a text or blob: id, time, value. */
  static final int READING_BYTES = 25;

  private static final int KINDS = Kind.KIND_BLOB_VALUE + 1;

  private final BatchFutures promise;
  private final ColumnBuffer[] byKind = new ColumnBuffer[KINDS];
  private final String traceparent;
  private final long beganNanos;
  private final int capacity;

  private int readings;
  private int weightBytes = OVERHEAD_BYTES;
  private FramePiece piece;
  private String position;
  private int positionAt;

  ReadingBatch(String traceparent, long beganNanos, int capacity) {
    this(new BatchFutures(), traceparent, beganNanos, capacity);
  }

  /** A batch for which something is owed already. */
  ReadingBatch(BatchFutures promise, String traceparent, long beganNanos, int capacity) {
    this.promise = promise;
    this.traceparent = traceparent;
    this.beganNanos = beganNanos;
    this.capacity = capacity;
  }

  /** Readings of a spool's frame for one partition; they hold nothing of the buffer. */
  static ReadingBatch ofPiece(FramePiece piece, String traceparent) {
    ReadingBatch batch = new ReadingBatch(new BatchFutures(), traceparent, 0, 0);
    batch.piece = piece;
    return batch;
  }

  /** Records the publisher's position after the readings so far. */
  void mark(String newPosition) {
    position = newPosition;
    positionAt = readings;
  }

  /** The newest position of the publisher that is noted here, or null. */
  public String position() {
    return position;
  }

  /** Returns how many readings were published before that position. */
  public int positionAt() {
    return positionAt;
  }

  /** The readings of the spool that it is; null: of none. */
  public FramePiece piece() {
    return piece;
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

  /** Takes a whole column, of a kind that it has not. */
  void put(ColumnBuffer column) {
    byKind[column.kind] = column;
    readings += column.count;
    weightBytes += column.count * READING_BYTES;
    boolean sized = column.kind >= Kind.KIND_TEXT_VALUE;
    for (int at = 0; sized && at < column.valueBytes; at += column.valueBytesAt(at)) {
      weightBytes += column.payloadBytesAt(at);
    }
  }

  /** The slot of each reading, in no order. */
  public void forEachSlot(IntConsumer visitor) {
    for (ColumnBuffer column : byKind) {
      for (int i = 0; column != null && i < column.count; i++) {
        visitor.accept(column.slots[i]);
      }
    }
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

  /** Returns the futures of the batch. */
  public BatchFutures promise() {
    return promise;
  }

  /** Returns the number of its readings. */
  public int readings() {
    return readings;
  }

  /** Returns the bytes that it counts against the publisher's buffer. */
  public int heldBytes() {
    return piece == null ? weightBytes : 0;
  }

  /** An upper bound of its bytes on the wire. */
  public int weightBytes() {
    return weightBytes;
  }

  /** Returns when its first reading was published, by the loop's clock. */
  public long beganNanos() {
    return beganNanos;
  }

  String traceparent() {
    return traceparent;
  }
}
