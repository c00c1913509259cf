package dev.weir.service.view;

import dev.weir.service.catalog.SensorSet;
import dev.weir.service.core.mode.Mode;

/**
 * What a view is of. Immutable.
 *
 * @param selector the canonical text of the selector
 * @param sensors the sensors it selects
 * @param times the event times it selects
 * @param mode what of these is sent
 */
public record ViewTerms(String selector, SensorSet sensors, EventTimes times, Mode mode) {
  /** Whether what is sent depends on what was sent before. */
  public boolean reduced() {
    return !(mode instanceof Mode.Every);
  }

  RowPicker picker(int partitionCount) {
    return reduced()
        ? new ReducedRow(sensors, times, mode, partitionCount)
        : new EveryRow(sensors.isAll() ? null : sensors, times);
  }
}
