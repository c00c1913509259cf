package dev.weir.service.session;

import dev.weir.service.log.LogRecord;
import dev.weir.service.view.RowPicker;
import dev.weir.service.view.ViewEntry;
import dev.weir.service.view.ViewPartition;

/**
 * The rows that a view picked; none where it does not have the record any more.
 *
 * @param view the view
 */
record ViewRow(ViewPartition view) implements RowPicker {
  @Override
  public Picked pick(LogRecord record, int fromRow) {
    ViewEntry entry = view.entry(record.offset());
    if (entry == null) {
      return null;
    }
    int suppressed = fromRow == 0 ? entry.suppressed() : 0; // told when the record was begun
    return new Picked(entry.rows(), entry.readings() + suppressed);
  }
}
