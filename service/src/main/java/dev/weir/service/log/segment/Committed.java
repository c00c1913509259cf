package dev.weir.service.log.segment;

import dev.weir.service.log.PartitionLog.EpochStart;
import java.util.List;

/**
 * What of a partition is committed, and so what readers may see. Immutable; a commit replaces it.
 *
 * @param segments all segments in order, at least one; the last is the active one
 * @param activeIndex index of the active segment
 * @param activeBytes committed bytes of the active segment
 * @param endOffset first offset not committed
 * @param endReadings readings of all committed records
 * @param lastAppendTimeNanos append time of the last record; Long.MIN_VALUE for none
 * @param epochs where the epochs begin
 */
record Committed(
    List<Segment> segments,
    SegmentIndex activeIndex,
    long activeBytes,
    long endOffset,
    long endReadings,
    long lastAppendTimeNanos,
    List<EpochStart> epochs) {

  Segment first() {
    return segments.get(0);
  }

  Segment active() {
    return segments.get(segments.size() - 1);
  }

  /** The segment in which an offset is, or would be. */
  Segment at(long offset) {
    return segments.get(indexAt(offset));
  }

  /** The segment behind another one, or null behind the active one. */
  Segment after(Segment segment) {
    int next = indexAt(segment.firstOffset()) + 1;
    return next < segments.size() ? segments.get(next) : null;
  }

  private int indexAt(long offset) {
    int low = 0;
    for (int high = segments.size() - 1; low < high; ) {
      int middle = (low + high + 1) >>> 1;
      if (segments.get(middle).firstOffset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
