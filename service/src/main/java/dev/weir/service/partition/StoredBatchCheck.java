package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.log.LogRecord;
import dev.weir.service.wire.columns.ColumnsReader;

/** Holds a stored batch against its header and the sensors it is of. Owned by whoever checks. */
@OwnedBy("its maker")
final class StoredBatchCheck {
  private final SensorCatalog catalog;
  private final int partition;

  /**
   * @param catalog the sensors of the records so far
   */
  StoredBatchCheck(SensorCatalog catalog, int partition) {
    this.catalog = catalog;
    this.partition = partition;
  }

  /**
   * Returns what is wrong with a record; null for nothing.
   *
   * @param damaged whether definitions may be lost, so that a sensor may be unknown
   * @throws IllegalStateException if the batch is not in the canonical form
   */
  String problem(LogRecord record, boolean damaged) {
    long readings = 0;
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    var at = new ColumnsReader(record.batch());
    while (at.nextRun()) {
      while (at.nextReading()) {
        readings++;
        min = Math.min(min, at.timeNanos());
        max = Math.max(max, at.timeNanos());
        String wrong = sensor(at, damaged);
        if (wrong != null) {
          return wrong;
        }
      }
    }
    if (readings != record.readings()) {
      return "its header says " + record.readings() + " readings, its batch has " + readings;
    }
    boolean times = min == record.eventTimeMinNanos() && max == record.eventTimeMaxNanos();
    return readings > 0 && !times ? "its header has other event times than its batch" : null;
  }

  private String sensor(ColumnsReader at, boolean damaged) {
    int id = at.sensorId();
    if (id < 0 || id % catalog.partitionCount() != partition) {
      return "it has readings of sensor " + id + ", which is of another partition";
    }
    int kind = catalog.kind(id);
    if (kind == 0) {
      boolean lost = catalog.knows(id); // before the log began: its id is kept, its name is not
      return damaged || lost ? null : "it has readings of sensor " + id + ", which is not defined";
    }
    return kind == at.kind()
        ? null
        : "it has readings of kind " + at.kind() + " of sensor " + id + ", which has " + kind;
  }
}
