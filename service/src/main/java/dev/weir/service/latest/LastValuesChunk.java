package dev.weir.service.latest;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import java.util.Arrays;

/**
 * The last values of up to {@value #SENSORS} neighbouring sensors; a sensor's numbers lie side by
 * side, so that one costs one cache line. Owned by its {@link LastValuesFold}; once a {@link
 * LastValuesCut} shares it, nobody changes it any more.
 */
@OwnedBy("view thread")
final class LastValuesChunk {
  static final int SENSORS = 128;

  /** A chunk's own object. */
  private static final long OBJECT_BYTES = 24;

  /** An array's header. */
  static final long ARRAY_BYTES = 16;

  /** A reference, without compression. */
  static final long REFERENCE_BYTES = 8;

  private static final int CELL = 4;
  private static final int TIME = 0;
  private static final int BITS = 1;
  private static final int OFFSET = 2;

  /** Row, whether the value is too large, and kind; 0 for no value. */
  private static final int TAG = 3;

  private static final int ROW_SHIFT = 8;
  private static final int TOO_LARGE = 1 << 7;
  private static final int KIND_MASK = TOO_LARGE - 1;

  private final long[] cells;

  /** TEXT and BLOB values; null until there is one. */
  private byte[][] texts;

  /** A chunk without values, of the first so many of its sensors. */
  LastValuesChunk(int sensors) {
    cells = new long[CELL * sensors];
  }

  private LastValuesChunk(long[] cells, byte[][] texts) {
    this.cells = cells;
    this.texts = texts;
  }

  LastValuesChunk copy() {
    return new LastValuesChunk(cells.clone(), texts == null ? null : texts.clone());
  }

  /** About what it takes in memory, without its TEXTs. */
  long heapBytes() {
    long bytes = OBJECT_BYTES + ARRAY_BYTES + (long) Long.BYTES * cells.length;
    return texts == null ? bytes : bytes + ARRAY_BYTES + REFERENCE_BYTES * texts.length;
  }

  /** For how many of its sensors there is room. */
  int room() {
    return cells.length / CELL;
  }

  /** A copy with room for more. */
  LastValuesChunk withRoom(int sensors) {
    return new LastValuesChunk(
        Arrays.copyOf(cells, CELL * sensors), texts == null ? null : Arrays.copyOf(texts, sensors));
  }

  boolean has(int index) {
    return cells[CELL * index + TAG] != 0;
  }

  /** Returns whether a reading later in the log replaces the one here. */
  boolean takes(int index, long timeNanos) {
    int cell = CELL * index;
    return cell >= cells.length || timeNanos >= cells[cell + TIME] || cells[cell + TAG] == 0;
  }

  int kind(int index) {
    return (int) cells[CELL * index + TAG] & KIND_MASK;
  }

  boolean tooLarge(int index) {
    return (cells[CELL * index + TAG] & TOO_LARGE) != 0;
  }

  int row(int index) {
    return (int) (cells[CELL * index + TAG] >>> ROW_SHIFT);
  }

  long timeNanos(int index) {
    return cells[CELL * index + TIME];
  }

  long bits(int index) {
    return cells[CELL * index + BITS];
  }

  long offset(int index) {
    return cells[CELL * index + OFFSET];
  }

  /** A TEXT or BLOB value, or null. */
  byte[] text(int index) {
    return texts == null ? null : texts[index];
  }

  boolean hasTexts() {
    return texts != null;
  }

  Slice bytes(int index) {
    byte[] text = text(index);
    return text == null ? Slice.EMPTY : Slice.of(text);
  }

  void set(int index, int kind, long timeNanos, long bits, long offset, int row) {
    int cell = CELL * index;
    cells[cell + TIME] = timeNanos;
    cells[cell + BITS] = bits;
    cells[cell + OFFSET] = offset;
    cells[cell + TAG] = (long) row << ROW_SHIFT | kind;
  }

  /** Gives the value that was set its bytes; null if they are too large. */
  void setText(int index, byte[] text) {
    if (texts == null) {
      texts = new byte[room()][];
    }
    texts[index] = text;
    if (text == null) {
      cells[CELL * index + TAG] |= TOO_LARGE;
    }
  }
}
