package dev.weir.client.internal.decode;

import dev.weir.v1.Columns;
import java.util.ArrayList;
import java.util.List;

/**
 * Columns read the slow way, by the generated classes and the definition in the contract.
 * Stateless.
 */
public final class DecodedReadings {
  private DecodedReadings() {}

  /** The id of each reading. */
  public static List<Integer> ids(Columns columns) {
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < columns.getCount(); i++) {
      ids.add(columns.getSensorIds(columns.getSensorIdsCount() == 1 ? 0 : i));
    }
    return ids;
  }

  /** The event time of each reading, Unix nanoseconds. */
  public static List<Long> times(Columns columns) {
    List<Long> times = new ArrayList<>();
    long unit = columns.getTimeUnit() == 0 ? 1 : columns.getTimeUnit();
    for (int i = 0; i < columns.getCount(); i++) {
      long offset = columns.getTimeOffsetsCount() == 0 ? 0 : columns.getTimeOffsets(i);
      times.add(columns.getTimeBase() + i * columns.getTimeStep() + offset * unit);
    }
    return times;
  }
}
