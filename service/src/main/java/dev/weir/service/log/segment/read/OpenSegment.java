package dev.weir.service.log.segment.read;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.DataFile;
import dev.weir.common.file.ReadableFile;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.segment.file.ChecksumSalt;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.Segment;
import dev.weir.service.log.segment.file.SegmentHeader;
import java.io.Closeable;
import java.io.IOException;

/**
 * A segment that is being read, and the walk through it. Owned by whoever opened it. While it
 * {@linkplain #rest rests}, it holds its position, and neither memory nor a file that others need.
 */
@OwnedBy("reader")
public final class OpenSegment implements Closeable {
  private final Segment segment;
  private final ReadableFile file;
  private final SegmentHeader.Before before; // null where the header is damaged
  private final ChecksumSalt salt;
  private final SegmentReadBuffer window;
  private final boolean checksums;
  private SegmentScanner walk;
  private boolean sealed;

  /**
   * Takes an open file.
   *
   * @param header its header; null where that is damaged
   * @param limit the first byte that may not be looked at
   * @param window shows the file
   * @param checksums whether records are verified
   */
  OpenSegment(
      Segment segment,
      ReadableFile file,
      SegmentHeader header,
      ChecksumSalt salt,
      long limit,
      SegmentReadBuffer window,
      boolean checksums) {
    this.segment = segment;
    this.file = file;
    this.before = header == null ? null : header.before().withoutEpochs();
    this.salt = salt;
    this.window = window;
    this.checksums = checksums;
    walk = walk(header == null ? 0 : header.bytes(), limit);
  }

  private SegmentScanner walk(long position, long limit) {
    return new SegmentScanner(window, salt, position, limit, checksums);
  }

  /** Opens all of a file. */
  public static OpenSegment whole(PartitionDirectory directory, Segment segment, ChecksumSalt salt)
      throws IOException {
    DataFile file = directory.files().openForReading(segment.path());
    try {
      SegmentHeader header = SegmentHeader.read(file);
      SegmentReadBuffer window = new PrivateReadBuffer(file, ReadablePartition.HOP_BUFFER_BYTES);
      return new OpenSegment(segment, file, header, salt, file.size(), window, true);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** All of it is committed, so its limit does not move any more. */
  OpenSegment sealed() {
    sealed = true;
    return this;
  }

  Segment segment() {
    return segment;
  }

  /** The log before it, without its epochs; null where the header is damaged. */
  SegmentHeader.Before before() {
    return before;
  }

  SegmentScanner walk() {
    return walk;
  }

  /** Walks from another record. */
  SegmentScanner walkFrom(long position) {
    walk = walk(position, walk.limit());
    return walk;
  }

  /** Sees more of the file, after a commit: up to a byte, or all once it is sealed. */
  void extend(CommittedState now) throws IOException {
    if (segment.equals(now.active())) {
      walk.limit(now.activeBytes());
    } else if (!sealed) {
      walk.limit(file.size());
      sealed = true;
    }
  }

  /** Readings before the segment; {@link DamagedRange#READINGS_UNKNOWN} where damage hides them. */
  public long readingsBefore() throws IOException {
    if (before != null) {
      return before.readings();
    }
    SegmentScanner first = walk(0, walk.limit());
    if (first.advance(segment.firstOffset()) && first.header().offset == segment.firstOffset()) {
      return first.header().readingsBefore;
    }
    return segment.firstOffset() == 0 ? 0 : DamagedRange.READINGS_UNKNOWN;
  }

  /** Gives back what others need, until it is used again. */
  void rest() {
    window.rest();
  }

  @Override
  public void close() throws IOException {
    window.rest();
    file.close();
  }
}
