package dev.weir.service.core.cursor;

import java.util.Comparator;

/**
 * The position of a subscription in one partition: everything before it is done. Immutable.
 * Positions of one partition are ordered by the number of their epoch, then by offset and rows;
 * what is left only decides between positions of different histories, so that there always is one
 * answer.
 *
 * @param epoch the epoch of the last record done, or of the record begun; where nothing was read
 *     yet, the epoch of the record that is next, or the present one at the end of the log
 * @param offset the record to go on with; at least 0
 * @param readingsBefore readings of the partition before that record; at least 0
 * @param rows rows of that record already done, counted in the stored record; at least 0
 */
public record Position(long epoch, long offset, long readingsBefore, int rows)
    implements Comparable<Position> {
  /** The low bits of an epoch that are random; the others are a number that only grows. */
  private static final int EPOCH_RANDOM_BITS = 16;

  private static final Comparator<Position> ORDER =
      Comparator.comparingLong((Position position) -> epochNumber(position.epoch()))
          .thenComparingLong(Position::offset)
          .thenComparingInt(Position::rows)
          .thenComparingLong(Position::epoch)
          .thenComparingLong(Position::readingsBefore);

  public Position {
    if (offset < 0 || readingsBefore < 0 || rows < 0) {
      throw new IllegalArgumentException(
          "position: offset " + offset + ", readings " + readingsBefore + ", rows " + rows);
    }
  }

  /** The position with more rows of the same record done. */
  public Position withRows(int rowsDone) {
    return new Position(epoch, offset, readingsBefore, rowsDone);
  }

  /** Returns the number of the partition's start that an epoch is of; it only grows. */
  static long epochNumber(long epoch) {
    return epoch >>> EPOCH_RANDOM_BITS;
  }

  /** The least epoch of a later start. */
  static long nextEpoch(long epoch) {
    return epochNumber(epoch) + 1 << EPOCH_RANDOM_BITS;
  }

  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }

  /** Readings of the partition before this position. */
  public long readingsSeen() {
    return readingsBefore + rows;
  }
}
