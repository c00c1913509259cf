package dev.weir.service.log.segment.recovery;

import dev.weir.common.file.DataFile;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.PartitionLog.EpochStart;
import dev.weir.service.log.segment.file.ChecksumSalt;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.PartitionEpochs;
import dev.weir.service.log.segment.file.RecordHeader;
import dev.weir.service.log.segment.file.Segment;
import dev.weir.service.log.segment.file.SegmentHeader;
import dev.weir.service.log.segment.file.SegmentList;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.log.segment.file.Watermark;
import dev.weir.service.log.segment.read.OpenSegment;
import dev.weir.service.log.segment.read.ReadablePartition;
import dev.weir.service.log.segment.read.SegmentScanner;
import dev.weir.service.log.segment.recovery.RecoveryVerdict.End;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a partition's files say, before anything is changed. Immutable.
 *
 * @param salt the partition's salt
 * @param segments the segments that hold records, or could
 * @param emptied a last file that a crash left before it had a header; null for none
 * @param header the last segment's header; null where it is damaged
 * @param scan what verifies in the last segment
 * @param verdict what to do about the rest of it
 * @param synced the greatest synced offset found
 */
public record PartitionScan(
    ChecksumSalt salt,
    SegmentList segments,
    Segment emptied,
    SegmentHeader header,
    LastSegmentScan scan,
    RecoveryVerdict verdict,
    End synced) {

  /**
   * Reads a partition's files.
   *
   * @param watermark its watermark; null for none
   * @return null for a partition that never had a record
   * @throws DataLossException if what is there cannot be read at all
   */
  public static PartitionScan of(
      PartitionDirectory directory, Watermark watermark, SegmentOptions options)
      throws IOException {
    List<Segment> segments = directory.segments();
    long marked = watermark == null ? 0 : watermark.syncedOffset();
    ChecksumSalt salt = directory.salt(segments, watermark);
    if (salt == null && !segments.isEmpty()) {
      throw new DataLossException(
          directory.path() + ": watermark and all segment headers are damaged; restore a backup");
    }
    Segment emptied = null;
    while (!segments.isEmpty()) {
      Segment last = segments.get(segments.size() - 1);
      SegmentHeader header = directory.header(last);
      List<EpochStart> epochs = epochsBefore(directory, segments, salt, options);
      LastSegmentScan scan = LastSegmentScan.of(directory, last, header, salt, epochs, options);
      if (header != null || !scan.runs().isEmpty() || last.firstOffset() < marked) {
        End start = start(last, header, scan);
        End synced = synced(start, emptied, scan, watermark);
        int headerBytes = header == null ? 0 : header.bytes();
        RecoveryVerdict verdict = RecoveryVerdict.of(last, scan, start, headerBytes, synced);
        scan.index().cut(verdict.keptBytes());
        SegmentList files = files(directory, segments, salt);
        return new PartitionScan(salt, files, emptied, header, scan, verdict, synced);
      }
      emptied = last; // a crash came before its header; nothing can be in it
      segments = segments.subList(0, segments.size() - 1);
    }
    long kept = CheckpointFiles.greatestOffset(directory);
    if (marked > 0 || kept > 0) {
      throw new DataLossException(
          directory.path()
              + ": the "
              + (marked > 0 ? "watermark" : "newest checkpoint")
              + " says that offsets below "
              + Math.max(marked, kept)
              + " were stored, but no segment file is there; restore a backup");
    }
    return null;
  }

  private static SegmentList files(
      PartitionDirectory directory, List<Segment> segments, ChecksumSalt salt) throws IOException {
    long sealedBytes = 0;
    for (Segment segment : segments.subList(0, segments.size() - 1)) {
      sealedBytes += directory.bytes(segment);
    }
    try (OpenSegment first = OpenSegment.whole(directory, segments.get(0), salt)) {
      return new SegmentList(
          List.copyOf(segments), sealedBytes, Math.max(0, first.readingsBefore()));
    }
  }

  private static End start(Segment last, SegmentHeader header, LastSegmentScan scan) {
    long first = last.firstOffset();
    if (header != null) {
      return new End(first, header.before().readings(), header.before().lastAppendTimeNanos());
    }
    boolean whole = !scan.runs().isEmpty() && scan.runs().get(0).firstOffset() == first;
    long unknown = first == 0 ? 0 : DamagedRange.READINGS_UNKNOWN;
    return new End(first, whole ? scan.runs().get(0).firstReadings() : unknown, Long.MIN_VALUE);
  }

  private static End synced(End start, Segment emptied, LastSegmentScan scan, Watermark watermark) {
    End synced = start; // a segment is synced before its successor is made
    if (emptied != null) {
      synced = new End(emptied.firstOffset(), DamagedRange.READINGS_UNKNOWN, Long.MIN_VALUE);
    }
    if (scan.syncedOffset() > synced.offset()) {
      synced = new End(scan.syncedOffset(), scan.syncedReadings(), Long.MIN_VALUE);
    }
    if (watermark != null && watermark.syncedOffset() >= synced.offset()) {
      synced =
          new End(watermark.syncedOffset(), watermark.readings(), watermark.lastAppendTimeNanos());
    }
    return synced;
  }

  /** Where epochs begin before the last segment: its header says, or those before it. */
  private static List<EpochStart> epochsBefore(
      PartitionDirectory directory,
      List<Segment> segments,
      ChecksumSalt salt,
      SegmentOptions options)
      throws IOException {
    int known = segments.size() - 1;
    SegmentHeader header = directory.header(segments.get(known));
    while (header == null && known > 0) {
      known--;
      header = directory.header(segments.get(known));
    }
    List<EpochStart> epochs = header == null ? List.of() : header.before().epochs();
    for (Segment segment : segments.subList(known, segments.size() - 1)) {
      try (DataFile file = directory.files().openForReading(segment.path())) {
        SegmentScanner walk =
            new SegmentScanner(file, salt, 0, file.size(), ReadablePartition.HOP_BUFFER_BYTES);
        while (walk.advance(segment.firstOffset())) {
          RecordHeader at = walk.header();
          epochs =
              PartitionEpochs.with(
                  epochs,
                  new EpochStart(at.epoch, at.offset, at.readingsBefore),
                  options.epochsMax());
        }
      }
    }
    return epochs;
  }

  /** The segment that recovery looked into. */
  public Segment last() {
    return segments.active();
  }

  /** Returns whether the last file can be appended to. */
  public boolean appendable() {
    return header != null && !verdict.lostEnd();
  }

  /**
   * Returns whether nothing is lost or to be cut, and every record is proven to be synced. The
   * header of an empty segment is not proven: retention may delete all before it, and then it holds
   * the place of the log's end, so that only the first segment of a partition may be left as it is.
   */
  public boolean isInOrder() {
    boolean whole = emptied == null && appendable() && verdict.losses().isEmpty();
    boolean empty = verdict.end().offset() == last().firstOffset();
    return whole
        && verdict.keptBytes() == scan.fileBytes()
        && (empty ? last().firstOffset() == 0 : unprovenFromByte() == verdict.keptBytes());
  }

  /**
   * Returns whether it is a first segment without a record, whose header and name may not be
   * durable.
   */
  public boolean holdsNothing() {
    return isInOrder() && verdict.end().offset() == 0;
  }

  /** From where on what is kept of the last segment may not have reached the disk. */
  public long unprovenFromByte() {
    if (verdict.end().offset() == last().firstOffset()) {
      return 0; // the header itself: its sync may have failed
    }
    if (synced.offset() >= verdict.end().offset()) {
      return verdict.keptBytes();
    }
    long from = scan.index().positionAt(synced.offset());
    return from >= 0 || header == null ? Math.max(0, from) : header.bytes();
  }

  /** The greatest epoch that any of the files names. */
  public long newestEpoch() {
    long newest = header == null ? 0 : header.epoch();
    for (EpochStart start : scan.epochs()) {
      newest = Math.max(newest, start.epoch());
    }
    return newest;
  }

  /** The snapshot these findings amount to. */
  public CommittedState committed() {
    return new CommittedState(
        segments,
        scan.index(),
        verdict.keptBytes(),
        verdict.end().offset(),
        Math.max(0, verdict.end().readings()),
        verdict.end().lastAppendTimeNanos(),
        PartitionEpochs.before(scan.epochs(), verdict.end().offset()));
  }

  /** Reads a partition's watermark without changing it; null for none. */
  public static Watermark watermark(PartitionDirectory directory) throws IOException {
    Path path = directory.path().resolve(PartitionDirectory.WATERMARK_NAME);
    if (!directory.files().list(directory.path()).contains(PartitionDirectory.WATERMARK_NAME)) {
      return null;
    }
    return new Watermark.Slots(directory.files(), path).newest();
  }
}
