package dev.weir.service.view;

import dev.weir.service.catalog.SelectedSensors;
import dev.weir.service.core.mode.Mode;

/**
 * The terms that a view is for. Immutable.
 *
 * @param selector the canonical text of the selector
 * @param sensors the sensors it selects
 * @param times the event times it selects
 * @param mode what of these is sent
 */
public record ViewTerms(String selector, SelectedSensors sensors, EventTimeRange times, Mode mode) {
  /** Returns whether what is sent depends on what was sent before. */
  public boolean reduced() {
    return !(mode instanceof Mode.Every);
  }

  RowPicker picker(int partitionCount) {
    return reduced()
        ? new ReducedRowPicker(sensors, times, mode, partitionCount)
        : new EveryRowPicker(sensors.isAll() ? null : sensors, times);
  }
}
