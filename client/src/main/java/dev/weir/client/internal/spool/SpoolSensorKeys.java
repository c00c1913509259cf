package dev.weir.client.internal.spool;

import dev.weir.client.SensorOptions;
import dev.weir.client.internal.batch.BufferedSensor;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.batch.SessionSensorIds;
import dev.weir.common.OwnedBy;
import dev.weir.v1.Sensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * The numbers that sensors have in a spool, which outlive the process, and their slots in this one.
 * Owned by the spool thread.
 */
@OwnedBy("spool thread")
final class SpoolSensorKeys implements SessionSensorIds {
  private final PublishBuffer intake;
  private final Map<Integer, Integer> slotOfKey = new HashMap<>();
  private int[] keyOfSlot = {};
  private int[] partitionOfSlot = {};
  private int nextKey;

  /**
   * Makes the sensors that frames name.
   *
   * @param given how many keys were given by earlier processes: none is given again
   */
  SpoolSensorKeys(PublishBuffer intake, Map<Integer, Sensor> recovered, int given) {
    this.intake = intake;
    this.nextKey = given;
    recovered.forEach((key, sensor) -> bind(key, intake.sensor(optionsOf(sensor)).slot()));
  }

  private static SensorOptions optionsOf(Sensor sensor) {
    SensorOptions.Builder options =
        SensorOptions.builder(sensor.getName()).kind(sensor.getKind()).unit(sensor.getUnit());
    sensor.getLabelsMap().forEach(options::label);
    return options.build();
  }

  private void bind(int key, int slot) {
    slotOfKey.put(key, slot);
    if (slot >= keyOfSlot.length) {
      int from = keyOfSlot.length;
      int to = Math.max(2 * from, slot + 64);
      keyOfSlot = Arrays.copyOf(keyOfSlot, to);
      Arrays.fill(keyOfSlot, from, to, UNBOUND);
      partitionOfSlot = Arrays.copyOf(partitionOfSlot, to);
      Arrays.fill(partitionOfSlot, from, to, UNBOUND);
    }
    keyOfSlot[slot] = key;
  }

  /** The key of a slot, given when it is first asked for. */
  @Override
  public int idOf(int slot) {
    if (slot >= keyOfSlot.length || keyOfSlot[slot] == UNBOUND) {
      bind(nextKey++, slot);
    }
    return keyOfSlot[slot];
  }

  /** Returns the number of keys that were given. */
  int given() {
    return nextKey;
  }

  /** The keys of a batch. */
  BitSet keysOf(ReadingBatch batch) {
    BitSet keys = new BitSet();
    batch.forEachSlot(slot -> keys.set(idOf(slot)));
    return keys;
  }

  /** The slot of a key; below 0: no frame that is whole says what it is. */
  int slotOf(int key) {
    return slotOfKey.getOrDefault(key, UNBOUND);
  }

  /** Returns the definition of a sensor. */
  Sensor sensorOf(int key) {
    SensorOptions options = sensorAt(slotOf(key)).options();
    return Sensor.newBuilder()
        .setName(options.name())
        .setKind(options.kind())
        .setUnit(options.unit())
        .putAllLabels(options.labels())
        .build();
  }

  /** The partition of a slot's sensor, of so many. */
  int partitionOf(int slot, int partitionCount) {
    if (partitionOfSlot[slot] == UNBOUND) {
      partitionOfSlot[slot] =
          PublishBuffer.partitionOf(sensorAt(slot).options().name(), partitionCount);
    }
    return partitionOfSlot[slot];
  }

  private BufferedSensor sensorAt(int slot) {
    return intake.sensors(slot, slot + 1).get(0);
  }

  /** The partitions of a batch, as bits; 0 where it is not known how many there are. */
  long partitionsOf(ReadingBatch batch, int partitionCount) {
    if (partitionCount == 0) {
      return 0;
    }
    long[] partitions = {0};
    batch.forEachSlot(slot -> partitions[0] |= 1L << partitionOf(slot, partitionCount));
    return partitions[0];
  }
}
