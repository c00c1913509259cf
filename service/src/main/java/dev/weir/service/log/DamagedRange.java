package dev.weir.service.log;

/**
 * Records that were stored and cannot be read any more. Immutable.
 *
 * @param fromOffset first offset lost
 * @param nextOffset first offset that can be read again, or the committed end
 * @param epoch the epoch to go on with
 * @param readings how many readings are lost, from the running counts around the range; {@link
 *     #READINGS_UNKNOWN} where one of those is lost too
 * @param detail file and byte range, for the operator
 */
public record DamagedRange(
    long fromOffset, long nextOffset, long epoch, long readings, String detail) implements LogItem {

  /** Stands for a number of readings that damage hides. */
  public static final long READINGS_UNKNOWN = -1;

  /** Readings between two running counts, either of which may be unknown. */
  public static long readingsBetween(long before, long after) {
    return before == READINGS_UNKNOWN || after == READINGS_UNKNOWN
        ? READINGS_UNKNOWN
        : after - before;
  }
}
