package dev.weir.service.wire.check;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.Sensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The sensors of one batch, numbered as they appear, by name or by id. Owned by its caller. */
@OwnedBy("its caller")
final class BatchSensors {
  private final SensorKinds kinds;
  private final List<Sensor> sensors = new ArrayList<>();
  private final Map<String, Integer> indexByName = new HashMap<>();
  private final Map<Integer, Integer> indexById = new HashMap<>();

  BatchSensors(SensorKinds kinds) {
    this.kinds = kinds;
  }

  /** Takes the batch's own list; its order is that of the references. */
  Optional<InvalidBatch> introduce(List<Sensor> introduced, BatchLimits limits) {
    int sensorsMax = limits.batchSensorsMax();
    if (introduced.size() > sensorsMax) {
      return Optional.of(
          BatchFaults.tooLarge("batch.sensors", "sensors", introduced.size(), sensorsMax));
    }
    for (int i = 0; i < introduced.size(); i++) {
      Sensor sensor = introduced.get(i);
      String path = "batch.sensors[" + i + "]";
      Optional<Fault> fault = limits.definitions().check(path, sensor);
      if (fault.isPresent()) {
        return fault.map(InvalidBatch::whole);
      }
      Integer earlier = indexByName.putIfAbsent(sensor.getName(), i);
      if (earlier != null) {
        return BatchRecoder.invalid(
            path + ".name", "is that of batch.sensors[" + earlier + "] too");
      }
      sensors.add(sensor);
    }
    return Optional.empty();
  }

  /** The number of a named sensor, which becomes one of the batch if it is new. */
  int named(String name, int kind) {
    Integer known = indexByName.get(name);
    if (known != null) {
      return known;
    }
    indexByName.put(name, sensors.size());
    return add(Sensor.newBuilder().setName(name).setKindValue(kind));
  }

  /** The number of a sensor that is given by id; -1 if the id may not be used. */
  int withId(int id) {
    Integer known = indexById.get(id);
    if (known != null) {
      return known;
    }
    int kind = kinds.kindOf(id);
    int index = kind == 0 ? -1 : add(Sensor.newBuilder().setId(id).setKindValue(kind));
    indexById.put(id, index);
    return index;
  }

  private int add(Sensor.Builder sensor) {
    sensors.add(sensor.build());
    return sensors.size() - 1;
  }

  int kind(int index) {
    return sensors.get(index).getKindValue();
  }

  String name(int index) {
    return sensors.get(index).getName();
  }

  int namedCount() {
    return indexByName.size();
  }

  List<Sensor> list() {
    return sensors;
  }
}
