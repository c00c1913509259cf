package dev.weir.client.internal.spool;

/**
 * Whose a spool is, and its bounds. Immutable.
 *
 * @param bytesMax most bytes of its segments
 * @param newInstance a random number that says whose opens of sessions these are, where none is
 *     known; not 0
 * @param dropOldest whether the oldest readings that were not sent make room for new ones
 */
record SpoolSettings(
    String topic, String producer, long newInstance, long bytesMax, boolean dropOldest) {
  private static final long SEGMENT_BYTES_MAX = 8L << 20;
  private static final int SEGMENTS = 16;

  /** From how many bytes on a segment gets no more frames. */
  long segmentBytes() {
    return Math.min(SEGMENT_BYTES_MAX, bytesMax / SEGMENTS);
  }
}
