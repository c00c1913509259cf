package dev.weir.service.latest;

/**
 * Readings that retention took before they could become last values, so that their sensors may have
 * an older one, or none. Immutable.
 *
 * @param readings how many, since the values were begun
 * @param endOffset behind the last of them
 */
public record MissedReadings(long readings, long endOffset) {
  /** None at all. */
  public static final MissedReadings NONE = new MissedReadings(0, 0);

  /** These and some more. */
  public MissedReadings with(long moreReadings, long behindOffset) {
    return new MissedReadings(readings + moreReadings, behindOffset);
  }

  /** Returns the greatest number of them that may lie at or behind an offset. */
  public long since(long offset) {
    return offset < endOffset ? readings : 0;
  }
}
