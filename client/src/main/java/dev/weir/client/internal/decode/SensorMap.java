package dev.weir.client.internal.decode;

import dev.weir.client.SensorInfo;
import dev.weir.client.internal.OwnedBy;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import java.util.Arrays;

/**
 * The sensors of one subscription by id, found without boxing. Owned by the subscriber. As large as
 * the number of sensors that the server announced.
 */
@OwnedBy("subscriber thread")
public final class SensorMap {
  private static final int HASH = 0x9E3779B9;
  private static final int CAPACITY_MIN = 64;

  private SensorInfo[] table = new SensorInfo[CAPACITY_MIN];
  private int size;

  /** Takes what the server announced; an unchanged sensor keeps its object. */
  public void announce(Sensors sensors) {
    for (Sensor sensor : sensors.getSensorsList()) {
      put(
          new SensorInfo(
              sensors.getTopic(),
              sensor.getId(),
              sensor.getName(),
              sensor.getKind(),
              sensor.getUnit(),
              sensor.getLabelsMap()));
    }
  }

  /** The sensor of an id, or null. */
  SensorInfo get(int id) {
    return table[indexOf(table, id)];
  }

  private void put(SensorInfo sensor) {
    int index = indexOf(table, sensor.id());
    if (sensor.equals(table[index])) {
      return;
    }
    size += table[index] == null ? 1 : 0;
    table[index] = sensor;
    if (2 * size > table.length) {
      SensorInfo[] old = table;
      table = new SensorInfo[2 * old.length];
      Arrays.stream(old)
          .filter(known -> known != null)
          .forEach(known -> table[indexOf(table, known.id())] = known);
    }
  }

  private static int indexOf(SensorInfo[] table, int id) {
    int mask = table.length - 1;
    int index = id * HASH >>> 7 & mask;
    while (table[index] != null && table[index].id() != id) {
      index = index + 1 & mask;
    }
    return index;
  }
}
