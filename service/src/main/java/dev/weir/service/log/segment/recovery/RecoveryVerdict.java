package dev.weir.service.log.segment.recovery;

import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.segment.file.PartitionEpochs;
import dev.weir.service.log.segment.file.Segment;
import dev.weir.service.log.segment.recovery.LastSegmentScan.Run;
import java.util.ArrayList;
import java.util.List;

/**
 * What recovery decides about the last segment: damage below the greatest synced offset is loss,
 * and what follows it stays; damage above it is a torn tail. Immutable.
 *
 * @param keptBytes bytes of the file that stay
 * @param end where the log ends, and what is known there
 * @param losses ranges that were synced and cannot be read
 * @param lostEnd whether the log ends with such a range, so that the file cannot be appended to
 * @param cutRecords whole records behind {@code keptBytes}
 */
public record RecoveryVerdict(
    long keptBytes, End end, List<DamagedRange> losses, boolean lostEnd, long cutRecords) {
  /**
   * A place between two records.
   *
   * @param offset of the record behind it
   * @param readings readings before it; {@link DamagedRange#READINGS_UNKNOWN} where damage hides
   *     them
   * @param lastAppendTimeNanos append time of the record before it; Long.MIN_VALUE for none
   */
  public record End(long offset, long readings, long lastAppendTimeNanos) {}

  /**
   * Decides.
   *
   * @param start where the segment begins
   * @param headerBytes where its records begin; 0 where the header is damaged
   * @param synced the greatest synced offset known from anywhere
   */
  static RecoveryVerdict of(
      Segment segment, LastSegmentScan scan, End start, long headerBytes, End synced) {
    List<DamagedRange> losses = new ArrayList<>();
    End end = start;
    long kept = recordsFrom(scan, start, headerBytes);
    int next = 0;
    for (; next < scan.runs().size(); next++) {
      Run run = scan.runs().get(next);
      if (run.fromByte() > kept) {
        if (end.offset >= synced.offset || run.firstOffset() > synced.offset) {
          break; // torn: nobody was told that these are stored
        }
        addLoss(
            losses,
            end,
            new End(run.firstOffset(), run.firstReadings(), 0),
            PartitionEpochs.at(scan.epochs(), run.firstOffset()),
            segment.detail(kept, run.fromByte()));
      }
      end = new End(run.endOffset(), run.endReadings(), run.lastAppendTimeNanos());
      kept = run.toByte();
    }
    long cutRecords = 0;
    for (Run run : scan.runs().subList(next, scan.runs().size())) {
      cutRecords += run.endOffset() - run.firstOffset();
    }
    if (end.offset >= synced.offset) {
      return new RecoveryVerdict(kept, end, losses, false, cutRecords);
    }
    long tornFrom = next < scan.runs().size() ? scan.runs().get(next).fromByte() : scan.fileBytes();
    addLoss(
        losses,
        end,
        synced,
        PartitionEpochs.at(scan.epochs(), synced.offset),
        segment.detail(kept, tornFrom));
    End lostEnd =
        new End(
            synced.offset,
            synced.readings == DamagedRange.READINGS_UNKNOWN ? end.readings : synced.readings,
            Math.max(end.lastAppendTimeNanos, synced.lastAppendTimeNanos));
    return new RecoveryVerdict(tornFrom, lostEnd, losses, true, cutRecords);
  }

  /** A damaged header alone is no hole in front of the first record. */
  private static long recordsFrom(LastSegmentScan scan, End start, long headerBytes) {
    boolean whole = !scan.runs().isEmpty() && scan.runs().get(0).firstOffset() == start.offset;
    return headerBytes == 0 && whole ? scan.runs().get(0).fromByte() : headerBytes;
  }

  private static void addLoss(
      List<DamagedRange> losses, End from, End to, long epoch, String detail) {
    if (to.offset > from.offset) {
      losses.add(
          new DamagedRange(
              from.offset,
              to.offset,
              epoch,
              DamagedRange.readingsBetween(from.readings, to.readings),
              detail));
    }
  }
}
