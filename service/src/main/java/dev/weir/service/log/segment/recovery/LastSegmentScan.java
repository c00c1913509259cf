package dev.weir.service.log.segment.recovery;

import dev.weir.common.file.DataFile;
import dev.weir.service.log.PartitionLog.EpochStart;
import dev.weir.service.log.segment.file.ChecksumSalt;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.PartitionEpochs;
import dev.weir.service.log.segment.file.RecordHeader;
import dev.weir.service.log.segment.file.Segment;
import dev.weir.service.log.segment.file.SegmentHeader;
import dev.weir.service.log.segment.file.SegmentIndex;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.log.segment.read.PrivateReadBuffer;
import dev.weir.service.log.segment.read.SegmentScanner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that verifies in the last segment: runs of records, and the greatest synced offset
 * that any of their headers proves. Owned by recovery; complete when {@link #of} returns.
 */
public final class LastSegmentScan {
  /**
   * Records that follow each other without a hole.
   *
   * @param firstReadings readings before the first record
   * @param endReadings readings with the last record
   */
  record Run(
      long fromByte,
      long toByte,
      long firstOffset,
      long endOffset,
      long firstReadings,
      long endReadings,
      long lastAppendTimeNanos) {}

  private final List<Run> runs = new ArrayList<>();
  private final SegmentIndex index;
  private List<EpochStart> epochs;
  private long fileBytes;
  private long syncedOffset = -1;
  private long syncedReadings;

  private LastSegmentScan(SegmentIndex index, List<EpochStart> epochs) {
    this.index = index;
    this.epochs = epochs;
  }

  /**
   * Scans a segment.
   *
   * @param header its header; null where that is damaged
   * @param epochsBefore where the epochs before the segment begin
   */
  static LastSegmentScan of(
      PartitionDirectory directory,
      Segment segment,
      SegmentHeader header,
      ChecksumSalt salt,
      List<EpochStart> epochsBefore,
      SegmentOptions options)
      throws IOException {
    LastSegmentScan scan =
        new LastSegmentScan(new SegmentIndex(options.indexIntervalBytes()), epochsBefore);
    try (DataFile file = directory.files().openForReading(segment.path())) {
      scan.fileBytes = file.size();
      long from = header == null ? 0 : header.bytes();
      SegmentScanner walk =
          new SegmentScanner(
              new PrivateReadBuffer(
                  file, (int) Math.min(options.readBufferBytes(), scan.fileBytes)),
              salt,
              from,
              scan.fileBytes,
              options.checksums());
      scan.runs(walk, segment.firstOffset(), options.epochsMax());
    }
    return scan;
  }

  private void runs(SegmentScanner walk, long firstOffset, int epochsMax) throws IOException {
    Run run = null;
    long least = firstOffset;
    while (walk.advance(least)) {
      RecordHeader header = walk.header();
      least = header.offset + 1;
      proves(header);
      if (walk.record(true) == null) {
        continue; // the next record is behind a hole, so it begins a run
      }
      if (run != null && run.toByte == walk.position() && run.endOffset == header.offset) {
        run = extended(run, header, walk.next());
        runs.set(runs.size() - 1, run);
      } else {
        run = begun(header, walk);
        runs.add(run);
      }
      index.offer(header.offset, walk.position(), header.appendTimeNanos);
      epochs =
          PartitionEpochs.with(
              epochs,
              new EpochStart(header.epoch, header.offset, header.readingsBefore),
              epochsMax);
    }
    if (walk.cutShort() != null) {
      proves(walk.cutShort());
    }
  }

  private void proves(RecordHeader header) {
    if (header.syncedOffset > syncedOffset) {
      syncedOffset = header.syncedOffset;
      syncedReadings = header.syncedReadings;
    }
  }

  private static Run begun(RecordHeader header, SegmentScanner walk) {
    return new Run(
        walk.position(),
        walk.next(),
        header.offset,
        header.offset + 1,
        header.readingsBefore,
        header.readingsAfter(),
        header.appendTimeNanos);
  }

  private static Run extended(Run run, RecordHeader header, long toByte) {
    return new Run(
        run.fromByte,
        toByte,
        run.firstOffset,
        header.offset + 1,
        run.firstReadings,
        header.readingsAfter(),
        header.appendTimeNanos);
  }

  List<Run> runs() {
    return runs;
  }

  SegmentIndex index() {
    return index;
  }

  /** Returns the offsets at which epochs begin, before the segment and in it. */
  List<EpochStart> epochs() {
    return epochs;
  }

  public long fileBytes() {
    return fileBytes;
  }

  /** The greatest synced offset found; -1 for none. */
  long syncedOffset() {
    return syncedOffset;
  }

  /** Readings before {@link #syncedOffset()}. */
  long syncedReadings() {
    return syncedReadings;
  }
}
