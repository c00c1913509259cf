package dev.weir.service.view;

import dev.weir.service.log.LogRecord;
import dev.weir.service.wire.columns.RowSet;

/**
 * Chooses the rows of each record that a subscriber gets. One with a memory is asked once for each
 * record, in log order, by its owner.
 */
public interface RowPicker {
  /**
   * The rows that were chosen. Immutable.
   *
   * @param rows the rows to deliver
   * @param matched rows that the selector and the event times let through
   */
  record Picked(RowSet rows, RowSet matched) {
    /**
     * Returns how many rows from one on and before another matched and are held back by the mode.
     */
    public int suppressed(int fromRow, int endRow) {
      return matched.countBetween(fromRow, endRow) - rows.countBetween(fromRow, endRow);
    }
  }

  /**
   * Chooses among the rows of a record from one on; those before are done. Null where it cannot say
   * any more.
   *
   * @throws IllegalStateException if the batch is not canonical
   */
  Picked pick(LogRecord record, int fromRow);
}
