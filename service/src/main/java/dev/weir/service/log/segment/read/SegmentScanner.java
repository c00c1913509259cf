package dev.weir.service.log.segment.read;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.Checksum;
import dev.weir.common.file.DataFile;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.segment.file.ChecksumSalt;
import dev.weir.service.log.segment.file.RecordHeader;
import java.io.IOException;

/**
 * Goes from record to record in one segment file and finds the next one behind damage. Owned by
 * whoever made it: one thread at a time.
 */
@OwnedBy("reader")
public final class SegmentScanner {
  private static final byte MAGIC_FIRST = (byte) RecordHeader.MAGIC;

  private final SegmentReadBuffer window;
  private final ChecksumSalt salt;
  private final boolean checksums;
  private long limit;
  private long soughtFrom;
  private long next;
  private long position;
  private RecordHeader header;
  private RecordHeader cutShort;

  /**
   * Starts at a position, to go over headers or to verify, with a buffer of its own.
   *
   * @param limit first byte that is not looked at
   * @param bufferBytes how much is read ahead
   */
  public SegmentScanner(
      DataFile file, ChecksumSalt salt, long position, long limit, int bufferBytes) {
    this(new PrivateReadBuffer(file, bufferBytes), salt, position, limit, true);
  }

  /**
   * Starts at a position.
   *
   * @param window shows the file
   * @param limit first byte that is not looked at
   * @param checksums whether records are verified
   */
  public SegmentScanner(
      SegmentReadBuffer window, ChecksumSalt salt, long position, long limit, boolean checksums) {
    this.window = window;
    this.salt = salt;
    this.checksums = checksums;
    this.next = position;
    this.limit = limit;
  }

  /**
   * Goes to the next record whose header is whole, passing over what is not.
   *
   * @param leastOffset a record with a lesser offset is damage too
   * @return false where there is none up to the limit; the place stays
   */
  public boolean advance(long leastOffset) throws IOException {
    soughtFrom = next;
    long at = soughtFrom;
    RecordHeader found = valid(at, leastOffset);
    if (found == null) {
      for (at = magic(at + 1); at >= 0; at = magic(at + 1)) {
        found = valid(at, leastOffset);
        if (found != null) {
          break;
        }
      }
      if (found == null) {
        return false;
      }
    }
    header = found;
    position = at;
    next = at + found.recordBytes();
    return true;
  }

  /** The header that {@link #advance} found. */
  public RecordHeader header() {
    return header;
  }

  /** Returns the place where that record begins. */
  public long position() {
    return position;
  }

  /** Returns the place where that record ends, and the next one should begin. */
  public long next() {
    return next;
  }

  /** Where the last {@link #advance} began to look: before {@link #position()}, bytes are bad. */
  long soughtFrom() {
    return soughtFrom;
  }

  /** A whole header whose record goes beyond the limit, if one was met; else null. */
  public RecordHeader cutShort() {
    return cutShort;
  }

  /** Moves the limit on, where more was committed. */
  void limit(long bytes) {
    limit = Math.max(limit, bytes);
  }

  long limit() {
    return limit;
  }

  /** Gives up on what is left up to the limit. */
  void skipToLimit() {
    next = limit;
  }

  /**
   * Reads and verifies the record that {@link #advance} found.
   *
   * @param bodies whether the batch is read
   * @return null where a checksum does not fit
   */
  public LogRecord record(boolean bodies) throws IOException {
    byte[] body = new byte[header.bodyBytes(bodies)];
    if (!window.read(position + RecordHeader.BYTES, body, limit)
        || checksums && !verifies(body, bodies)) {
      return null;
    }
    return header.record(body);
  }

  private boolean verifies(byte[] body, boolean bodies) {
    int intro = header.introBytes();
    return Checksum.of(body, 0, intro) == header.introChecksum
        && (!bodies || Checksum.of(body, intro, header.batchBytes) == header.batchChecksum);
  }

  private RecordHeader valid(long at, long leastOffset) throws IOException {
    int index = load(at);
    RecordHeader found =
        index < 0 ? null : RecordHeader.parse(window.array, window.view, index, salt);
    if (found == null || found.offset < leastOffset) {
      return null;
    }
    if (at + found.recordBytes() > limit) {
      cutShort = found;
      return null;
    }
    return found;
  }

  /** The next place, from a position, where a header's magic is; -1 for none. */
  private long magic(long from) throws IOException {
    long at = from;
    for (int index = load(at); index >= 0; index = load(at)) {
      int last = window.bytes - RecordHeader.BYTES;
      for (; index <= last; index++) {
        if (window.array[index] == MAGIC_FIRST && window.view.getInt(index) == RecordHeader.MAGIC) {
          return window.start + index;
        }
      }
      at = window.start + last + 1;
    }
    return -1;
  }

  /** Index in the window of a header's bytes at a position; -1 where there are too few. */
  private int load(long at) throws IOException {
    return window.load(at, RecordHeader.BYTES, limit);
  }
}
