package dev.weir.service.session.feed;

import dev.weir.service.log.LogRecord;
import dev.weir.service.view.RowPicker;
import dev.weir.service.view.ViewEntry;
import dev.weir.service.view.ViewPartition;

/**
 * The rows that a view picked; none where it does not have the record any more.
 *
 * @param view the view
 */
record ViewRowPicker(ViewPartition view) implements RowPicker {
  @Override
  public Picked pick(LogRecord record, int fromRow) {
    ViewEntry entry = view.entry(record.offset());
    return entry == null ? null : new Picked(entry.rows(), entry.matched());
  }
}
