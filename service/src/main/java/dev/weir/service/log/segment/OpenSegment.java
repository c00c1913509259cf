package dev.weir.service.log.segment;

import dev.weir.service.core.OwnedBy;
import java.io.Closeable;
import java.io.IOException;

/**
 * A segment file open for reading, and the walk through it. Owned by whoever opened it. Every
 * reader opens its own: a channel is closed under everybody when a thread that reads it is
 * interrupted.
 */
@OwnedBy("reader")
final class OpenSegment implements Closeable {
  private final Segment segment;
  private final DataFile file;
  private final SegmentHeader header;
  private final Salt salt;
  private final int bufferBytes;
  private final boolean checksums;
  private SegmentWalk walk;

  /**
   * Takes an open file.
   *
   * @param header its header; null where that is damaged
   * @param limit the first byte that may not be looked at
   * @param checksums whether records are verified
   */
  OpenSegment(
      Segment segment,
      DataFile file,
      SegmentHeader header,
      Salt salt,
      long limit,
      int bufferBytes,
      boolean checksums) {
    this.segment = segment;
    this.file = file;
    this.header = header;
    this.salt = salt;
    this.bufferBytes = bufferBytes;
    this.checksums = checksums;
    walk = walk(header == null ? 0 : header.bytes(), limit);
  }

  private SegmentWalk walk(long position, long limit) {
    return new SegmentWalk(file, salt, position, limit, bufferBytes, checksums);
  }

  /** Opens all of a file. */
  static OpenSegment whole(PartitionDirectory directory, Segment segment, Salt salt)
      throws IOException {
    DataFile file = directory.files().openForReading(segment.path());
    try {
      SegmentHeader header = SegmentHeader.read(file);
      int bufferBytes = SegmentView.HOP_BUFFER_BYTES;
      return new OpenSegment(segment, file, header, salt, file.size(), bufferBytes, true);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  Segment segment() {
    return segment;
  }

  SegmentHeader header() {
    return header;
  }

  SegmentWalk walk() {
    return walk;
  }

  /** Walks from another record. */
  SegmentWalk walkFrom(long position) {
    walk = walk(position, walk.limit());
    return walk;
  }

  /** Sees more of the file, after a commit: up to a byte, or all once it is sealed. */
  void extend(Committed now) throws IOException {
    walk.limit(segment.equals(now.active()) ? now.activeBytes() : file.size());
  }

  /** Readings before the segment; {@link TailVerdict#UNKNOWN} where damage hides them. */
  long readingsBefore() throws IOException {
    if (header != null) {
      return header.before().readings();
    }
    SegmentWalk first = walk(0, walk.limit());
    if (first.advance(segment.firstOffset()) && first.header().offset == segment.firstOffset()) {
      return first.header().readingsBefore;
    }
    return segment.firstOffset() == 0 ? 0 : TailVerdict.UNKNOWN;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
