package dev.weir.service.tail;

import dev.weir.service.core.LazyValue;
import dev.weir.service.core.Slice;
import dev.weir.service.log.LogRecord;

/**
 * A committed record as deliveries send it. Immutable.
 *
 * @param record the record
 * @param prefix tag and length of its batch as an entry of a delivery
 * @param sensors the distinct sensor ids in its batch
 * @param bytesBefore bytes of batches and definitions that its partition stored before it, since it
 *     was opened
 */
public record TailRecord(
    LogRecord record, Slice prefix, LazyValue<int[]> sensors, long bytesBefore) {
  private static final int RECORD_BYTES = 160;

  /** Bytes of a batch for which a byte is reserved for its sensors' ids. */
  private static final int BYTES_PER_ID_BYTE = 8;

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
    return RECORD_BYTES
        + record.batch().array().length
        + record.batch().length() / BYTES_PER_ID_BYTE
        + record.definitions().array().length;
  }
}
