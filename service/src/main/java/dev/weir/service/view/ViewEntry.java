package dev.weir.service.view;

import dev.weir.service.core.LazyValue;
import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.LogRecord;
import dev.weir.service.wire.columns.BatchFilter;
import dev.weir.service.wire.columns.RowSet;
import dev.weir.service.wire.columns.SensorIdSet;
import dev.weir.service.wire.protobuf.DeliveryBatchPrefix;

/**
 * The rows that a view makes of one record. Immutable.
 *
 * @param offset of the record
 * @param after the position behind it
 * @param appendTimeNanos of the record
 * @param eventMaxNanos its greatest event time; Long.MIN_VALUE without readings
 * @param rows the rows that are delivered
 * @param matched the rows that the selector and the event times let through
 * @param prefix of the batch as an entry of a delivery
 * @param batch the delivered rows as columns; empty for none
 * @param sensors the distinct sensor ids in that batch
 * @param heldBytes what it holds in memory, roughly; also what the tail has too, as that may drop
 *     it
 */
public record ViewEntry(
    long offset,
    Position after,
    long appendTimeNanos,
    long eventMaxNanos,
    RowSet rows,
    RowSet matched,
    Slice prefix,
    Slice batch,
    LazyValue<int[]> sensors,
    int heldBytes) {
  private static final int ENTRY_BYTES = 256;

  /** Bytes of a batch for which a byte is reserved for its sensors' ids. */
  private static final int BYTES_PER_ID_BYTE = 8;

  static ViewEntry of(LogRecord record, RowPicker.Picked picked) {
    Slice batch = Slice.EMPTY;
    if (picked.rows().count() > 0) {
      batch =
          BatchFilter.columns(
                  record.batch(), picked.rows(), 0, Integer.MAX_VALUE, Integer.MAX_VALUE)
              .batch();
    }
    return new ViewEntry(
        record.offset(),
        new Position(record.epoch(), record.nextOffset(), record.readingsAfter(), 0),
        record.appendTimeNanos(),
        record.readings() == 0 ? Long.MIN_VALUE : record.eventTimeMaxNanos(),
        picked.rows(),
        picked.matched(),
        DeliveryBatchPrefix.prefix(batch.length()),
        batch,
        SensorIdSet.distinctOnce(batch),
        ENTRY_BYTES
            + record.readings() / 4
            + batch.length() / BYTES_PER_ID_BYTE
            + batch.array().length);
  }

  /** Rows that matched and that the mode holds back. */
  public int suppressed() {
    return matched.count() - rows.count();
  }

  /** Readings that are delivered. */
  public int readings() {
    return rows.count();
  }

  /** Bytes of its entry in a delivery. */
  public int entryBytes() {
    return batch.length() == 0 ? 0 : prefix.length() + batch.length();
  }
}
