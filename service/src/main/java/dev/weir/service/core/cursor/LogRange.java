package dev.weir.service.core.cursor;

import java.util.List;

/**
 * The range of a partition's log at one moment, as cursors need it. Immutable.
 *
 * @param epochs where each epoch that has records begins, ascending
 * @param currentEpoch the epoch of the present claim, with or without records
 * @param startOffset first offset still stored
 * @param startReadings readings before that
 * @param endOffset first offset not committed
 * @param endReadings readings before that
 * @param memory nothing of it outlives a start
 */
public record LogRange(
    List<Start> epochs,
    long currentEpoch,
    long startOffset,
    long startReadings,
    long endOffset,
    long endReadings,
    boolean memory) {
  /**
   * The first record of an epoch.
   *
   * @param epoch the epoch
   * @param firstOffset offset of its first record
   * @param readingsBefore readings before that record
   */
  public record Start(long epoch, long firstOffset, long readingsBefore) {}

  public LogRange {
    epochs = List.copyOf(epochs);
  }

  /** Makes the range of a durable log. */
  public LogRange(
      List<Start> epochs,
      long currentEpoch,
      long startOffset,
      long startReadings,
      long endOffset,
      long endReadings) {
    this(epochs, currentEpoch, startOffset, startReadings, endOffset, endReadings, false);
  }

  /** The same in the epoch of another start, of which only the number is right. */
  public LogRange atNextStart() {
    return new LogRange(
        epochs,
        Position.nextEpoch(currentEpoch),
        startOffset,
        startReadings,
        endOffset,
        endReadings,
        memory);
  }

  /** The position of the oldest record. */
  public Position earliest() {
    return at(startOffset, startReadings);
  }

  /** The position behind the newest record. */
  public Position latest() {
    return at(endOffset, endReadings);
  }

  /**
   * The position of a record, under the epoch that stored it.
   *
   * @param offset from {@link #startOffset()} to {@link #endOffset()}
   * @param readingsBefore readings before that record
   */
  public Position at(long offset, long readingsBefore) {
    long epoch = currentEpoch;
    if (offset < endOffset) {
      for (Start start : epochs) {
        if (start.firstOffset() <= offset) {
          epoch = start.epoch();
        }
      }
    }
    return new Position(epoch, offset, readingsBefore, 0);
  }
}
