package dev.weir.client.internal.batch;

import dev.weir.common.OwnedBy;

/**
 * Cuts what a spool's frame has for a partition into pieces, from its beginning to its end. Its
 * readings have one order for ever, that of the frame's columns. Owned by the spool thread.
 */
@OwnedBy("spool thread")
public final class FramePieceCutter {
  private final ReadingBatch whole;
  private int done;
  private int kind;
  private int index;
  private int valueAt;

  public FramePieceCutter(ReadingBatch whole) {
    this.whole = whole;
  }

  /** Returns the number of readings that were taken. */
  public int done() {
    return done;
  }

  /** Returns the number of readings that are left. */
  public int left() {
    return whole.readings() - done;
  }

  /** Returns how many of the next readings fit into one batch, at least one. */
  public int fitting(int most, BatchBounds bounds) {
    int readingsMax = Math.min(most, bounds.readingsMax());
    if (whole.weightBytes() <= bounds.bytesMax()) {
      return readingsMax;
    }
    int atKind = kind;
    int atIndex = index;
    int atValue = valueAt;
    long weight = ReadingBatch.OVERHEAD_BYTES;
    int fitting = 0;
    while (fitting < readingsMax) {
      ColumnBuffer column = whole.columnOrNull(atKind);
      if (column == null || atIndex == column.count) {
        atKind++;
        atIndex = 0;
        atValue = 0;
        continue;
      }
      weight += ReadingBatch.READING_BYTES + column.payloadBytesAt(atValue);
      if (fitting > 0 && weight > bounds.bytesMax()) {
        break;
      }
      atValue += column.valueBytesAt(atValue);
      atIndex++;
      fitting++;
    }
    return fitting;
  }

  /** The next readings as a batch of their own; what they were cut from where that is all of it. */
  public ReadingBatch take(int count) {
    if (count == whole.readings()) {
      done = count;
      return whole;
    }
    ReadingBatch piece =
        ReadingBatch.ofPiece(new FramePiece(whole.piece().frame(), done), whole.traceparent());
    int left = count;
    while (left > 0) {
      ColumnBuffer column = whole.columnOrNull(kind);
      if (column == null || index == column.count) {
        kind++;
        index = 0;
        valueAt = 0;
        continue;
      }
      int readings = Math.min(left, column.count - index);
      ColumnBuffer run = column.run(index, readings, valueAt);
      piece.put(run);
      index += readings;
      valueAt += run.valueBytes;
      left -= readings;
    }
    done += count;
    return piece;
  }
}
