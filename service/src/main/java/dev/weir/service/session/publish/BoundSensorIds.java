package dev.weir.service.session.publish;

import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.session.SparseByteArray;
import dev.weir.service.wire.check.SensorKinds;
import java.util.List;

/**
 * The sensor ids bound in a publishing session, with their kinds. Written by the event loop; the
 * control pool may read ids that were bound before it was handed the batch that uses them.
 */
@OwnedBy("event loop")
final class BoundSensorIds implements SensorKinds {
  private final Budget sessions;
  private final SparseByteArray kinds;
  private Range alike = Range.NONE;

  /**
   * @param sessions is charged what is bound
   */
  BoundSensorIds(Budget sessions) {
    this.sessions = sessions;
    this.kinds = new SparseByteArray(sessions);
  }

  @Override
  public int kindOf(int sensorId) {
    return kinds.get(sensorId);
  }

  @Override
  public Range alike() {
    return alike;
  }

  /** Returns whether there is no room for another id, unless it is near one that is bound. */
  boolean lackRoom() {
    return sessions.lacks(SparseByteArray.FIRST_BYTES);
  }

  /** Binds sensors to their ids, or none of them where there is no room. */
  boolean tryBind(List<DefinedSensor> sensors) {
    boolean room = kinds.tryMake(ids(sensors));
    if (room) {
      sensors.forEach(sensor -> set(sensor.id(), sensor.kind()));
    }
    return room;
  }

  /** Binds sensors whose readings are stored, beyond the end of the budget if it must be. */
  void bind(List<DefinedSensor> sensors) {
    if (!sensors.isEmpty()) {
      kinds.makeAnyway(ids(sensors));
      sensors.forEach(sensor -> set(sensor.id(), sensor.kind()));
    }
  }

  void bind(int sensorId, int kind) {
    kinds.makeAnyway(sensorId);
    set(sensorId, kind);
  }

  private void set(int sensorId, int kind) {
    kinds.set(sensorId, kind);
    alike = alike.with(sensorId, kind);
  }

  private static int[] ids(List<DefinedSensor> sensors) {
    return sensors.stream().mapToInt(DefinedSensor::id).toArray();
  }

  /** The session is over: nothing is charged any more. */
  void close() {
    kinds.close();
  }
}
