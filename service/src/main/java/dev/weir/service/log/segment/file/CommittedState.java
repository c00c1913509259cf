package dev.weir.service.log.segment.file;

import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.log.PartitionLog.EpochStart;
import java.util.List;

/**
 * What of a partition is committed, and so what readers may see. Immutable; a commit replaces it.
 *
 * @param segments the segment files
 * @param activeIndex index of the active segment
 * @param activeBytes committed bytes of the active segment
 * @param endOffset first offset not committed
 * @param endReadings readings of all committed records
 * @param lastAppendTimeNanos append time of the last record; Long.MIN_VALUE for none
 * @param epochs where the epochs begin
 */
public record CommittedState(
    SegmentList segments,
    SegmentIndex activeIndex,
    long activeBytes,
    long endOffset,
    long endReadings,
    long lastAppendTimeNanos,
    List<EpochStart> epochs) {

  public Segment first() {
    return segments.first();
  }

  public Segment active() {
    return segments.active();
  }

  /** Bytes of all files. */
  public long bytes() {
    return segments.sealedBytes() + activeBytes;
  }

  /** With another active segment, of which only the header is written. */
  public CommittedState with(Segment next, SegmentIndex index, long headerBytes) {
    return with(segments.with(next, activeBytes), index, headerBytes);
  }

  /** Without the first segment, see {@link SegmentList#withoutFirst}. */
  public CommittedState withoutFirst(long firstBytes, long readingsBefore) {
    return with(segments.withoutFirst(firstBytes, readingsBefore), activeIndex, activeBytes);
  }

  private CommittedState with(SegmentList files, SegmentIndex index, long bytes) {
    return new CommittedState(
        files, index, bytes, endOffset, endReadings, lastAppendTimeNanos, epochs);
  }

  /** Returns the range that cursors are compared with. */
  public LogRange range(long epoch) {
    return new LogRange(
        epochs.stream()
            .map(at -> new LogRange.Start(at.epoch(), at.firstOffset(), at.readingsBefore()))
            .toList(),
        epoch,
        first().firstOffset(),
        segments.startReadings(),
        endOffset,
        endReadings);
  }
}
