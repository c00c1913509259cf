package dev.weir.service.log.segment.read;

import dev.weir.common.OwnedBy;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.PartitionEpochs;
import dev.weir.service.log.segment.file.RecordHeader;
import dev.weir.service.log.segment.file.Segment;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Reads a partition forward, over segments and damage. Owned by whoever opened it. Between calls it
 * holds its place only: no shared memory and no file.
 */
@OwnedBy("reader")
public final class SegmentReader implements LogReader {
  private final ReadablePartition view;
  private final boolean bodies;
  private OpenSegment open;
  private long offset;
  private long readings = DamagedRange.READINGS_UNKNOWN;
  private long bytesPassed;
  private boolean atRecord; // the walk is at what is next
  private DamagedRange hole; // what is next, where it is known
  private RecordHeader last; // of the record given last, at which the walk still is; or null

  /**
   * Starts at an offset.
   *
   * @param bodies whether batches are read
   */
  SegmentReader(ReadablePartition view, long offset, boolean bodies) throws IOException {
    this.view = view;
    this.bodies = bodies;
    this.offset = offset;
    CommittedState now = view.committed();
    view.expire(offset);
    Segment segment = now.segments().at(offset);
    long from = view.index(now, segment).positionAt(offset);
    open = view.open(now, segment, bodies);
    try {
      seek(from);
    } finally {
      open.rest();
    }
  }

  /** Goes to the first record at or behind the offset, and learns the running count before it. */
  private void seek(long from) throws IOException {
    long least = open.segment().firstOffset();
    if (least == offset) {
      readings = open.readingsBefore();
    }
    SegmentScanner walk = from < 0 ? open.walk() : open.walkFrom(from);
    while (walk.advance(least)) {
      RecordHeader header = walk.header();
      if (header.offset >= offset) {
        atRecord = true;
        return;
      }
      least = header.offset + 1;
      readings = least == offset ? header.readingsAfter() : DamagedRange.READINGS_UNKNOWN;
    }
  }

  @Override
  public LogItem next() throws IOException {
    try {
      last = null;
      return reach() ? item() : null;
    } catch (ExpiredException overtaken) {
      view.expire(offset);
      throw overtaken;
    } finally {
      open.rest();
    }
  }

  @Override
  public long nextBytes() throws IOException {
    try {
      boolean record = reach() && hole == null && open.walk().header().offset == offset;
      return record ? open.walk().header().bodyBytes(bodies) : 0;
    } catch (ExpiredException overtaken) {
      view.expire(offset);
      throw overtaken;
    } finally {
      open.rest();
    }
  }

  @Override
  public boolean repeat() {
    if (last == null || hole != null || atRecord) {
      return false;
    }
    offset = last.offset;
    readings = last.readingsBefore;
    bytesPassed -= last.recordBytes();
    last = null;
    atRecord = true;
    return true;
  }

  /** Goes to what is next: a hole that is known, or a record; false at the committed end. */
  private boolean reach() throws IOException {
    if (hole != null || atRecord) {
      return true;
    }
    CommittedState now = view.committed();
    while (offset < now.endOffset()) {
      Segment following = now.segments().after(open.segment());
      if (following == null || following.firstOffset() > offset) {
        open.extend(now);
        atRecord = open.walk().advance(offset);
        if (atRecord) {
          return true;
        }
        view.expire(offset);
      } // else all of the segment is read, and retention may have deleted it
      hole =
          following == null
              ? lost(now, now.endOffset(), now.endReadings())
              : follow(now, following);
      if (hole != null) {
        return true;
      }
    }
    return false;
  }

  private LogItem item() throws IOException {
    if (hole != null) {
      DamagedRange known = hole;
      hole = null;
      return known;
    }
    SegmentScanner walk = open.walk();
    RecordHeader header = walk.header();
    if (header.offset > offset) {
      return hole(
          header.offset,
          header.readingsBefore,
          header.epoch,
          open.segment().detail(walk.soughtFrom(), walk.position()));
    }
    LogRecord record = walk.record(bodies);
    atRecord = false;
    if (record == null) {
      readings = header.readingsBefore;
      return hole(
          header.offset + 1,
          header.readingsAfter(),
          header.epoch,
          open.segment().detail(walk.position(), walk.next()));
    }
    offset = header.offset + 1;
    readings = header.readingsAfter();
    bytesPassed += walk.next() - walk.position();
    last = header;
    return record;
  }

  @Override
  public long bytesPassed() {
    return bytesPassed;
  }

  /** Goes to the next segment; a range is lost where it does not begin at the offset. */
  private DamagedRange follow(CommittedState now, Segment following) throws IOException {
    OpenSegment next = view.open(now, following, bodies);
    long nextReadings;
    try {
      nextReadings = next.readingsBefore();
    } catch (IOException | RuntimeException e) {
      next.close();
      throw e;
    }
    DamagedRange between = null;
    if (following.firstOffset() > offset) {
      between = lost(now, following.firstOffset(), nextReadings);
    } else if (nextReadings != DamagedRange.READINGS_UNKNOWN) {
      readings = nextReadings;
    }
    open.close();
    open = next;
    return between;
  }

  /** Returns the range from here to the end of the segment, which cannot be read. */
  private DamagedRange lost(CommittedState now, long nextOffset, long nextReadings) {
    SegmentScanner walk = open.walk();
    String detail = open.segment().detail(walk.soughtFrom(), walk.limit());
    walk.skipToLimit();
    return hole(nextOffset, nextReadings, PartitionEpochs.at(now.epochs(), nextOffset), detail);
  }

  private DamagedRange hole(long nextOffset, long nextReadings, long epoch, String detail) {
    DamagedRange range =
        new DamagedRange(
            offset,
            nextOffset,
            epoch,
            DamagedRange.readingsBetween(readings, nextReadings),
            detail);
    offset = nextOffset;
    readings = nextReadings;
    return range;
  }

  /** Header of the record that {@link #next} gave last. */
  public RecordHeader lastHeader() {
    return open.walk().header();
  }

  /** Returns the place of that record. */
  public String lastPlace() {
    return open.segment().detail(open.walk().position(), open.walk().next());
  }

  @Override
  public void close() {
    try {
      open.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
