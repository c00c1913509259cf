package dev.weir.service.tail;

import dev.weir.service.core.Slice;
import dev.weir.service.log.LogRecord;

/**
 * A committed record as deliveries send it. Immutable.
 *
 * @param record the record
 * @param prefix tag and length of its batch as an entry of a delivery
 */
public record TailRecord(LogRecord record, Slice prefix) {
  /** Bytes a delivery of it carries. */
  public int entryBytes() {
    return record.readings() == 0 ? 0 : prefix.length() + record.batch().length();
  }

  /** Bytes it holds in memory, roughly. */
  int heldBytes() {
    return 160 + record.batch().array().length + record.definitions().array().length;
  }
}
