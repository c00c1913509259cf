package dev.weir.service.log.segment;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.DataFile;
import dev.weir.service.core.Slice;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog.EpochStart;
import dev.weir.service.log.RecordType;
import dev.weir.service.log.segment.file.ChecksumSalt;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.PartitionEpochs;
import dev.weir.service.log.segment.file.RecordHeader;
import dev.weir.service.log.segment.file.SegmentIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The records of one append, on their way into the file. Owned by the partition's writer. */
@OwnedBy("partition writer")
final class PendingAppend {
  private final List<LogRecord> records;
  private final byte[][] producers;
  private final long[] ends;

  /**
   * Measures the records.
   *
   * @throws IllegalArgumentException if they do not follow what is committed, or one is too large
   */
  PendingAppend(List<LogRecord> records, long epoch, CommittedState before, int recordBytesMax) {
    this.records = records;
    producers = new byte[records.size()][];
    ends = new long[records.size()];
    long offset = before.endOffset();
    long readings = before.endReadings();
    long bytes = 0;
    for (int i = 0; i < producers.length; i++) {
      LogRecord record = records.get(i);
      if (record.offset() != offset
          || record.epoch() != epoch
          || record.readingsBefore() != readings
          || record.readings() < 0) {
        throw new IllegalArgumentException(
            "record: "
                + record
                + " (expected offset "
                + offset
                + ", epoch "
                + epoch
                + ", readingsBefore "
                + readings
                + ")");
      }
      producers[i] = record.producer().getBytes(StandardCharsets.UTF_8);
      long recordBytes =
          (long) RecordHeader.BYTES
              + producers[i].length
              + record.definitions().length()
              + record.batch().length();
      if (recordBytes > recordBytesMax) {
        throw new IllegalArgumentException(
            "record bytes: " + recordBytes + " (expected at most " + recordBytesMax + ")");
      }
      bytes += recordBytes;
      ends[i] = bytes;
      offset++;
      readings = record.readingsAfter();
    }
  }

  /** Bytes that the round adds to the file. */
  long bytes() {
    return ends[ends.length - 1];
  }

  /** Returns whether it makes sensors' ids or producers' epochs known. */
  boolean givesIdentities() {
    for (LogRecord record : records) {
      if (record.type() == RecordType.PRODUCER_EPOCH || record.definitions().length() > 0) {
        return true;
      }
    }
    return false;
  }

  LogRecord first() {
    return records.get(0);
  }

  LogRecord last() {
    return records.get(records.size() - 1);
  }

  /**
   * Writes the round through a buffer.
   *
   * @param seenNanos what the header of the first record says of the time before it
   */
  void write(
      DataFile file,
      long position,
      ByteBuffer staging,
      CommittedState synced,
      long seenNanos,
      ChecksumSalt salt)
      throws IOException {
    staging.clear();
    long at = position;
    for (int i = 0; i < producers.length; i++) {
      LogRecord record = records.get(i);
      byte[] header =
          RecordHeader.encode(record, producers[i], synced, i == 0 ? seenNanos : 0, salt);
      at = put(file, at, staging, header, 0, header.length);
      at = put(file, at, staging, producers[i], 0, producers[i].length);
      at = put(file, at, staging, record.definitions());
      at = put(file, at, staging, record.batch());
    }
    flush(file, at, staging);
  }

  private static long put(DataFile file, long at, ByteBuffer staging, Slice slice)
      throws IOException {
    return put(file, at, staging, slice.array(), slice.offset(), slice.length());
  }

  private static long put(
      DataFile file, long at, ByteBuffer staging, byte[] bytes, int from, int length)
      throws IOException {
    long position = at;
    int done = 0;
    while (done < length) {
      if (!staging.hasRemaining()) {
        position = flush(file, position, staging);
      }
      int part = Math.min(length - done, staging.remaining());
      staging.put(bytes, from + done, part);
      done += part;
    }
    return position;
  }

  private static long flush(DataFile file, long at, ByteBuffer staging) throws IOException {
    staging.flip();
    long end = at + staging.remaining();
    file.write(staging, at);
    staging.clear();
    return end;
  }

  /** What is committed once this is too, behind what was committed before. */
  CommittedState after(CommittedState before, long epoch, int epochsMax) {
    return new CommittedState(
        before.segments(),
        before.activeIndex(),
        before.activeBytes() + bytes(),
        last().nextOffset(),
        last().readingsAfter(),
        Math.max(before.lastAppendTimeNanos(), last().appendTimeNanos()),
        PartitionEpochs.with(
            before.epochs(),
            new EpochStart(epoch, first().offset(), first().readingsBefore()),
            epochsMax));
  }

  /** Enters the round's records, once committed, into the index. */
  void index(SegmentIndex index, long position) {
    for (int i = 0; i < ends.length; i++) {
      LogRecord record = records.get(i);
      index.offer(
          record.offset(), i == 0 ? position : position + ends[i - 1], record.appendTimeNanos());
    }
  }
}
