package dev.weir.service.view;

import dev.weir.service.log.LogRecord;
import dev.weir.service.wire.columns.RowSet;
import java.util.function.IntPredicate;

/**
 * Mode EVERY: all rows of the selected sensors in a range of event times. Has no memory.
 *
 * @param ids the selected sensors; null for all
 * @param times the range
 */
public record EveryRowPicker(IntPredicate ids, EventTimeRange times) implements RowPicker {
  @Override
  public Picked pick(LogRecord record, int fromRow) {
    RowSet rows = rows(record, fromRow);
    return new Picked(rows, rows);
  }

  private RowSet rows(LogRecord record, int fromRow) {
    if (record.readings() == 0 || times.hasNone(record)) {
      return RowSet.none();
    }
    if (!times.hasAll(record)) {
      return RowSet.of(
          record.batch(),
          fromRow,
          at -> times.has(at.timeNanos()) && (ids == null || ids.test(at.sensorId())));
    }
    if (ids == null && fromRow == 0) {
      return RowSet.all(record.readings());
    }
    return RowSet.matching(record.batch(), fromRow, ids == null ? id -> true : ids);
  }
}
