package dev.weir.service.log.segment;

import java.io.IOException;

/**
 * The readers' side of a partition: the newest committed snapshot and how to read it. Thread-safe;
 * only the partition's writer publishes snapshots.
 */
final class SegmentView {
  /** Read ahead of who goes from header to header: small, to pass over the batches unread. */
  static final int HOP_BUFFER_BYTES = 8_192;

  private final PartitionDirectory directory;
  private final Salt salt;
  private final SegmentOptions options;
  private final IndexCache indexes;
  private volatile Committed committed;

  SegmentView(
      PartitionDirectory directory,
      Salt salt,
      SegmentOptions options,
      IndexCache indexes,
      Committed committed) {
    this.directory = directory;
    this.salt = salt;
    this.options = options;
    this.indexes = indexes;
    this.committed = committed;
  }

  PartitionDirectory directory() {
    return directory;
  }

  Salt salt() {
    return salt;
  }

  Committed committed() {
    return committed;
  }

  void publish(Committed next) {
    Committed before = committed;
    if (before.activeIndex() != next.activeIndex()) {
      indexes.put(before.active(), before.activeIndex());
    }
    committed = next;
  }

  /** Opens a reader; see {@link dev.weir.service.log.PartitionLog#read}. */
  SegmentReader read(long offset, boolean bodies) throws IOException {
    Committed now = committed;
    if (offset < now.first().firstOffset() || offset > now.endOffset()) {
      throw new IllegalArgumentException(
          "offset: "
              + offset
              + " (expected "
              + now.first().firstOffset()
              + " to "
              + now.endOffset()
              + ")");
    }
    return new SegmentReader(this, offset, bodies);
  }

  /** See {@link dev.weir.service.log.PartitionLog#offsetAt}. */
  long offsetAt(long appendTimeNanos) throws IOException {
    Committed now = committed;
    int low = 0;
    for (int high = now.segments().size() - 1; low < high; ) {
      int middle = (low + high + 1) >>> 1;
      if (oldestNanos(now, now.segments().get(middle)) < appendTimeNanos) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    Segment segment = now.segments().get(low);
    SegmentIndex index = index(now, segment);
    long older = index.offsetBefore(appendTimeNanos);
    long from = index.positionAt(older);
    long least = Math.max(segment.firstOffset(), older);
    long found = Math.max(segment.firstOffset(), older + 1);
    try (OpenSegment open = open(now, segment, HOP_BUFFER_BYTES)) {
      SegmentWalk walk = from < 0 ? open.walk() : open.walkFrom(from);
      while (walk.advance(least) && walk.header().appendTimeNanos < appendTimeNanos) {
        found = walk.header().offset + 1;
        least = found;
      }
    }
    return Math.min(found, now.endOffset()); // the index may know more than this snapshot
  }

  /** A time that no record of a segment is older than. */
  private long oldestNanos(Committed now, Segment segment) throws IOException {
    try (OpenSegment open = open(now, segment, HOP_BUFFER_BYTES)) {
      if (open.header() != null) {
        return open.header().before().lastAppendTimeNanos();
      }
      SegmentWalk walk = open.walk();
      return walk.advance(segment.firstOffset()) ? walk.header().appendTimeNanos : Long.MAX_VALUE;
    }
  }

  /** Readings before a segment; {@link TailVerdict#UNKNOWN} where damage hides them. */
  long readingsBefore(Segment segment) throws IOException {
    try (OpenSegment open = open(committed, segment, HOP_BUFFER_BYTES)) {
      return open.readingsBefore();
    }
  }

  /** Opens a segment's committed part for reading. */
  OpenSegment open(Committed now, Segment segment, int bufferBytes) throws IOException {
    DataFile file = directory.files().openForReading(segment.path());
    try {
      long limit = segment.equals(now.active()) ? now.activeBytes() : file.size();
      return new OpenSegment(segment, file, SegmentHeader.read(file), salt, limit, bufferBytes);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  int bufferBytes(boolean bodies) {
    return bodies ? options.readBufferBytes() : HOP_BUFFER_BYTES;
  }

  /** A segment's index, built from its headers where it is not at hand. */
  SegmentIndex index(Committed now, Segment segment) throws IOException {
    if (segment.equals(now.active())) {
      return now.activeIndex();
    }
    SegmentIndex index = indexes.get(segment);
    if (index == null) {
      index = new SegmentIndex(options.indexIntervalBytes());
      try (OpenSegment open = open(now, segment, HOP_BUFFER_BYTES)) {
        SegmentWalk walk = open.walk();
        for (long least = segment.firstOffset(); walk.advance(least); ) {
          RecordHeader header = walk.header();
          index.offer(header.offset, walk.position(), header.appendTimeNanos);
          least = header.offset + 1;
        }
      }
      indexes.put(segment, index);
    }
    return index;
  }
}
