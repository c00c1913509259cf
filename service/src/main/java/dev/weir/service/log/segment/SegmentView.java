package dev.weir.service.log.segment;

import dev.weir.service.log.ExpiredException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * The readers' side of a partition: the newest committed snapshot and how to read it. Thread-safe;
 * the partition's writer and its retention replace the snapshot.
 */
final class SegmentView {
  /** Read ahead of who goes from header to header: small, to pass over the batches unread. */
  static final int HOP_BUFFER_BYTES = 8_192;

  private final PartitionDirectory directory;
  private final Salt salt;
  private final SegmentOptions options;
  private final IndexCache indexes;
  private final AtomicReference<Committed> committed;

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
    this.committed = new AtomicReference<>(committed);
  }

  PartitionDirectory directory() {
    return directory;
  }

  Salt salt() {
    return salt;
  }

  Committed committed() {
    return committed.get();
  }

  /**
   * Replaces the snapshot. The writer moves its end, retention its beginning, without waiting for
   * each other.
   *
   * @param change may be called again where the other was faster
   */
  void update(UnaryOperator<Committed> change) {
    Committed before = committed.getAndUpdate(change);
    if (!before.active().equals(committed().active())) {
      indexes.put(before.active(), before.activeIndex());
    }
  }

  /** Opens a reader; see {@link dev.weir.service.log.PartitionLog#read}. */
  SegmentReader read(long offset, boolean bodies) throws IOException {
    Committed now = committed();
    if (offset < 0 || offset > now.endOffset()) {
      throw new IllegalArgumentException(
          "offset: " + offset + " (expected 0 to " + now.endOffset() + ")");
    }
    return new SegmentReader(this, offset, bodies);
  }

  /** See {@link dev.weir.service.log.PartitionLog#offsetAt}. */
  long offsetAt(long appendTimeNanos) throws IOException {
    while (true) {
      Committed now = committed();
      try {
        return offsetAt(now, appendTimeNanos);
      } catch (ExpiredException e) {
        if (committed().first().equals(now.first())) {
          throw e;
        } // else retention was faster: what is left is asked
      }
    }
  }

  private long offsetAt(Committed now, long appendTimeNanos) throws IOException {
    int low = 0;
    for (int high = now.segments().list().size() - 1; low < high; ) {
      int middle = (low + high + 1) >>> 1;
      if (nanosBefore(now, now.segments().list().get(middle)) < appendTimeNanos) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    Segment segment = now.segments().list().get(low);
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

  /**
   * A time that no record of a segment is older than, and none before it younger; Long.MAX_VALUE
   * where damage hides it.
   */
  long nanosBefore(Committed now, Segment segment) throws IOException {
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
    try (OpenSegment open = open(committed(), segment, HOP_BUFFER_BYTES)) {
      return open.readingsBefore();
    }
  }

  /**
   * Opens a segment's committed part for reading.
   *
   * @throws ExpiredException if retention has deleted it
   */
  OpenSegment open(Committed now, Segment segment, int bufferBytes) throws IOException {
    DataFile file;
    try {
      file = directory.files().openForReading(segment.path());
    } catch (NoSuchFileException e) {
      expire(segment.firstOffset());
      throw e;
    }
    try {
      long limit = segment.equals(now.active()) ? now.activeBytes() : file.size();
      SegmentHeader header = SegmentHeader.read(file);
      return new OpenSegment(segment, file, header, salt, limit, bufferBytes, options.checksums());
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Refuses an offset that is not stored any more. */
  void expire(long offset) throws ExpiredException {
    long start = committed().first().firstOffset();
    if (offset < start) {
      throw new ExpiredException(directory.partition(), offset, start);
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
