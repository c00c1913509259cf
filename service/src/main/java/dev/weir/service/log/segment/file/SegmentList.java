package dev.weir.service.log.segment.file;

import dev.weir.service.log.DamagedRange;
import java.util.ArrayList;
import java.util.List;

/**
 * A partition's segment files. Immutable; a new segment, and each one deleted, replaces it.
 *
 * @param list in order, at least one; the last is the active one
 * @param sealedBytes bytes of all files but the active one
 * @param startReadings readings before the first; at least so many where damage hides it
 */
public record SegmentList(List<Segment> list, long sealedBytes, long startReadings) {
  public Segment first() {
    return list.get(0);
  }

  public Segment active() {
    return list.get(list.size() - 1);
  }

  /** With another active segment; the present one is sealed. */
  SegmentList with(Segment next, long activeBytes) {
    List<Segment> more = new ArrayList<>(list);
    more.add(next);
    return new SegmentList(List.copyOf(more), sealedBytes + activeBytes, startReadings);
  }

  /**
   * Without the first segment.
   *
   * @param firstBytes its bytes
   * @param readingsBefore readings before the next one; {@link DamagedRange#READINGS_UNKNOWN} for
   *     not known
   */
  SegmentList withoutFirst(long firstBytes, long readingsBefore) {
    return new SegmentList(
        List.copyOf(list.subList(1, list.size())),
        Math.max(0, sealedBytes - firstBytes),
        Math.max(startReadings, readingsBefore));
  }

  /** The segment in which an offset is, or would be. */
  public Segment at(long offset) {
    return list.get(indexAt(offset));
  }

  /** The segment behind another one, which may be deleted; null behind the active one. */
  public Segment after(Segment segment) {
    if (segment.firstOffset() < first().firstOffset()) {
      return first();
    }
    int next = indexAt(segment.firstOffset()) + 1;
    return next < list.size() ? list.get(next) : null;
  }

  private int indexAt(long offset) {
    int low = 0;
    for (int high = list.size() - 1; low < high; ) {
      int middle = (low + high + 1) >>> 1;
      if (list.get(middle).firstOffset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
