package dev.weir.service.core.cursor;

/**
 * Where a subscription stands in one partition: everything before it is done. Immutable.
 *
 * @param epoch the epoch of the last record done, or of the record begun; where nothing was read
 *     yet, the epoch of the record that is next, or the present one at the end of the log
 * @param offset the record to go on with; at least 0
 * @param readingsBefore readings of the partition before that record; at least 0
 * @param rows rows of that record already done, counted in the stored record; at least 0
 */
public record Position(long epoch, long offset, long readingsBefore, int rows) {
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

  /** Readings of the partition before this position. */
  public long readingsSeen() {
    return readingsBefore + rows;
  }
}
