package dev.weir.service.log.segment.read;

import dev.weir.common.file.ReadableFile;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.segment.file.ChecksumSalt;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.RecordHeader;
import dev.weir.service.log.segment.file.Segment;
import dev.weir.service.log.segment.file.SegmentHeader;
import dev.weir.service.log.segment.file.SegmentIndex;
import dev.weir.service.log.segment.file.SegmentOptions;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * The readers' side of a partition: the newest committed snapshot and how to read it. Thread-safe;
 * the partition's writer and its retention replace the snapshot.
 */
public final class ReadablePartition {
  /** Read ahead of who goes from header to header: small, to pass over the batches unread. */
  public static final int HOP_BUFFER_BYTES = 8_192;

  private final PartitionDirectory directory;
  private final ChecksumSalt salt;
  private final SegmentOptions options;
  private final SegmentReadCaches reads;
  private final AtomicReference<CommittedState> committed;

  public ReadablePartition(
      PartitionDirectory directory,
      ChecksumSalt salt,
      SegmentOptions options,
      SegmentReadCaches reads,
      CommittedState committed) {
    this.directory = directory;
    this.salt = salt;
    this.options = options;
    this.reads = reads;
    this.committed = new AtomicReference<>(committed);
  }

  public PartitionDirectory directory() {
    return directory;
  }

  public ChecksumSalt salt() {
    return salt;
  }

  public CommittedState committed() {
    return committed.get();
  }

  /**
   * Replaces the snapshot. The writer moves its end, retention its beginning, without waiting for
   * each other.
   *
   * @param change may be called again where the other was faster
   */
  public void update(UnaryOperator<CommittedState> change) {
    CommittedState before = committed.getAndUpdate(change);
    if (!before.active().equals(committed().active())) {
      reads.indexes().put(before.active(), before.activeIndex().trimmed());
    }
  }

  /** Opens a reader; see {@link dev.weir.service.log.PartitionLog#read}. */
  public SegmentReader read(long offset, boolean bodies) throws IOException {
    CommittedState now = committed();
    if (offset < 0 || offset > now.endOffset()) {
      throw new IllegalArgumentException(
          "offset: " + offset + " (expected 0 to " + now.endOffset() + ")");
    }
    return new SegmentReader(this, offset, bodies);
  }

  /** See {@link dev.weir.service.log.PartitionLog#offsetAt}. */
  public long offsetAt(long appendTimeNanos) throws IOException {
    while (true) {
      CommittedState now = committed();
      try {
        return offsetAt(now, appendTimeNanos);
      } catch (ExpiredException e) {
        if (committed().first().equals(now.first())) {
          throw e;
        } // else retention was faster: what is left is asked
      }
    }
  }

  private long offsetAt(CommittedState now, long appendTimeNanos) throws IOException {
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
    try (OpenSegment open = open(now, segment, false)) {
      SegmentScanner walk = from < 0 ? open.walk() : open.walkFrom(from);
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
  public long nanosBefore(CommittedState now, Segment segment) throws IOException {
    try (OpenSegment open = open(now, segment, false)) {
      if (open.before() != null) {
        return open.before().lastAppendTimeNanos();
      }
      SegmentScanner walk = open.walk();
      return walk.advance(segment.firstOffset()) ? walk.header().appendTimeNanos : Long.MAX_VALUE;
    }
  }

  /** Readings before a segment; {@link DamagedRange#READINGS_UNKNOWN} where damage hides them. */
  public long readingsBefore(Segment segment) throws IOException {
    try (OpenSegment open = open(committed(), segment, false)) {
      return open.readingsBefore();
    }
  }

  /**
   * Opens a segment's committed part for reading.
   *
   * @param bodies whether batches are read; else one goes from header to header, in a small buffer
   *     of its own, so that the blocks that others share stay as they are
   * @throws ExpiredException if retention has deleted it
   */
  OpenSegment open(CommittedState now, Segment segment, boolean bodies) throws IOException {
    ReadableFile file = new ExpiringSegmentFile(this, segment, reads.files().file(segment.path()));
    boolean active = segment.equals(now.active());
    long limit = active ? now.activeBytes() : file.size();
    SegmentHeader header = SegmentHeader.read(file);
    SegmentReadBuffer window =
        bodies ? window(segment, file) : new PrivateReadBuffer(file, HOP_BUFFER_BYTES);
    var open = new OpenSegment(segment, file, header, salt, limit, window, options.checksums());
    return active ? open : open.sealed();
  }

  private SegmentReadBuffer window(Segment segment, ReadableFile file) {
    return options.sharedBlocks()
        ? new SharedReadBuffer(reads.blocks(), new Claimed(this, segment.firstOffset()), file)
        : new PrivateReadBuffer(file, options.readBufferBytes());
  }

  /** A segment as one claim knows it: recovery may have cut and written what another one knew. */
  private record Claimed(ReadablePartition view, long firstOffset) {}

  /** A segment's file is deleted; nobody finds the segment any more. */
  public void forget(Segment segment) {
    reads.files().forget(segment.path());
    reads.indexes().remove(segment);
  }

  /** Refuses an offset that is not stored any more. */
  void expire(long offset) throws ExpiredException {
    long start = committed().first().firstOffset();
    if (offset < start) {
      throw new ExpiredException(directory.partition(), offset, start);
    }
  }

  /** A segment's index, built from its headers where it is not at hand. */
  SegmentIndex index(CommittedState now, Segment segment) throws IOException {
    return segment.equals(now.active())
        ? now.activeIndex()
        : reads.indexes().get(segment, () -> build(now, segment));
  }

  private SegmentIndex build(CommittedState now, Segment segment) throws IOException {
    SegmentIndex index = new SegmentIndex(options.indexIntervalBytes());
    try (OpenSegment open = open(now, segment, false)) {
      SegmentScanner walk = open.walk();
      for (long least = segment.firstOffset(); walk.advance(least); ) {
        RecordHeader header = walk.header();
        index.offer(header.offset, walk.position(), header.appendTimeNanos);
        least = header.offset + 1;
      }
    }
    return index.trimmed();
  }
}
