package dev.weir.client.internal.decode;

import dev.weir.client.SensorInfo;
import dev.weir.common.OwnedBy;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import java.util.Arrays;

/**
 * The sensors of one subscription by id, found without boxing: by place where ids are dense, as
 * they are where most of a topic is selected, else by hash. Owned by the subscriber. As large as a
 * few times the number of sensors that the server announced.
 */
@OwnedBy("subscriber thread")
public final class SensorMap {
  private static final int HASH = 0x9E3779B9;
  private static final int CAPACITY_MIN = 64;

  /** A place of its own has an id below so many times the sensors that are known. */
  private static final int SPARSE = 4;

  private SensorInfo[] direct = new SensorInfo[CAPACITY_MIN];
  private SensorInfo[] table = new SensorInfo[CAPACITY_MIN];
  private int directSize;
  private int hashedSize;

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
    SensorInfo[] places = direct;
    if (id >= 0 && id < places.length && places[id] != null) {
      return places[id];
    }
    return table[indexOf(table, id)];
  }

  private void put(SensorInfo sensor) {
    int id = sensor.id();
    if (id < 0 || id >= placesMax() || table[indexOf(table, id)] != null) {
      putHashed(sensor);
      return;
    }
    if (id >= direct.length) {
      direct = Arrays.copyOf(direct, Math.max(id + 1, 2 * direct.length));
    }
    directSize += direct[id] == null ? 1 : 0;
    if (!sensor.equals(direct[id])) {
      direct[id] = sensor;
    }
  }

  private int placesMax() {
    return Math.max(CAPACITY_MIN, SPARSE * (directSize + hashedSize));
  }

  private void putHashed(SensorInfo sensor) {
    int index = indexOf(table, sensor.id());
    if (sensor.equals(table[index])) {
      return;
    }
    hashedSize += table[index] == null ? 1 : 0;
    table[index] = sensor;
    if (2 * hashedSize > table.length) {
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
