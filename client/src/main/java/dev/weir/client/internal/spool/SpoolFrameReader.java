package dev.weir.client.internal.spool;

import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads the frames of all segments in order, and says which are missing. Owned by the spool thread.
 */
@OwnedBy("spool thread")
final class SpoolFrameReader {
  private final SpoolSegments segments;
  private long expected;
  private long readingsBefore;

  private SpoolSegments.Segment segment;
  private byte[] bytes = {};
  private long base;
  private int at;

  /** The kind of item that comes next. */
  sealed interface Entry {
    /** A frame that is whole. */
    record Whole(SpoolFrame frame) implements Entry {}

    /**
     * Frames that are not there, or not whole.
     *
     * @param readings how many readings they held
     * @param partitions the partitions of a single one, as bits; 0: unknown
     */
    record MissingFrames(long from, long through, long readings, long partitions)
        implements Entry {}
  }

  /**
   * A reader from a frame on.
   *
   * @param readingsBefore readings of all frames before it
   */
  SpoolFrameReader(SpoolSegments segments, long firstFrame, long readingsBefore) {
    this.segments = segments;
    this.expected = firstFrame;
    this.readingsBefore = readingsBefore;
  }

  /** The frame that is read next. */
  long expected() {
    return expected;
  }

  /** Readings of all frames before the one that is read next. */
  long readingsBefore() {
    return readingsBefore;
  }

  /** The segment that is being read, or null. */
  SpoolSegments.Segment segment() {
    return segment;
  }

  /** Returns the place in the segment where the last whole frame ends. */
  long position() {
    return base + at;
  }

  /** The next entry that is synced, or null where there is none yet. */
  Entry next() throws IOException {
    int found = find();
    while (found < 0) {
      if (!leave()) {
        return null;
      }
      found = find();
    }
    SpoolFrameCodec.Header header = SpoolFrameCodec.header(bytes, found);
    SpoolFrame.Head head = header.head();
    if (head.number() > expected) {
      return hole(head.number() - 1, head.readingsBefore(), 0);
    }
    at = found + header.recordBytes();
    SpoolFrame frame =
        SpoolFrameCodec.frame(
            header, Arrays.copyOfRange(bytes, found + SpoolFrameCodec.HEADER_BYTES, at));
    if (frame == null) {
      return hole(head.number(), head.readingsThrough(), head.partitions());
    }
    expected = head.number() + 1;
    readingsBefore = head.readingsThrough();
    return new Entry.Whole(frame);
  }

  private Entry.MissingFrames hole(long through, long readingsThrough, long partitions) {
    Entry.MissingFrames hole =
        new Entry.MissingFrames(expected, through, readingsThrough - readingsBefore, partitions);
    expected = through + 1;
    readingsBefore = readingsThrough;
    return hole;
  }

  /**
   * Returns the index at which the next whole frame that is due begins in the bytes at hand; below
   * 0: none does.
   */
  private int find() throws IOException {
    int found = findInBytes();
    if (found < 0 && segment != null && segment.readableBytes() > base + bytes.length) {
      byte[] more = segments.read(segment, base + at); // may throw: then nothing has moved
      base += at;
      at = 0;
      bytes = more;
      found = findInBytes();
    }
    return found;
  }

  private int findInBytes() {
    int i = at;
    while (i < bytes.length && segment.readableBytes() > 0) {
      SpoolFrameCodec.Header header = SpoolFrameCodec.header(bytes, i);
      if (header == null || header.recordBytes() > bytes.length - i) {
        i++;
      } else if (header.head().number() >= segments.firstFrameBehind(segment)) {
        return -1; // cut off once, and back after a power cut: the cut itself was not synced
      } else if (header.head().number() >= expected) {
        return i;
      } else {
        i += header.recordBytes();
        at = i;
      }
    }
    return -1;
  }

  /** Goes on to the next segment; whether there is one. */
  private boolean leave() throws IOException {
    if (segment != null && segments.isOpen(segment)) {
      return false;
    }
    SpoolSegments.Segment next = segment == null ? first() : segments.after(segment);
    if (next == null) {
      return false;
    }
    bytes = segments.read(next, 0); // may throw: then the old segment is tried again
    segment = next;
    base = 0;
    at = 0;
    return true;
  }

  /** The segment that holds the expected frame, or else the first one behind it. */
  private SpoolSegments.Segment first() {
    SpoolSegments.Segment found = null;
    for (SpoolSegments.Segment candidate : segments.list()) {
      if (found == null || candidate.firstFrame() <= expected) {
        found = candidate;
      }
    }
    return found;
  }
}
