package dev.weir.service.tail;

import dev.weir.service.core.Slice;
import dev.weir.service.log.LogRecord;

/**
 * A committed record as deliveries send it. Immutable.
 *
 * @param record the record
 * @param prefix tag and length of its batch as an entry of a delivery
 * @param bytesBefore bytes of batches and definitions that its partition stored before it, since it
 *     was opened
 */
public record TailRecord(LogRecord record, Slice prefix, long bytesBefore) {
  /** Bytes of batches and definitions up to its end, counted as those before it. */
  public long bytesAfter() {
    return bytesBefore + record.batch().length() + record.definitions().length();
  }

  /** Bytes a delivery of it carries. */
  public int entryBytes() {
    return record.readings() == 0 ? 0 : prefix.length() + record.batch().length();
  }

  /** Bytes it holds in memory, roughly. */
  int heldBytes() {
    return 160 + record.batch().array().length + record.definitions().array().length;
  }
}
