package dev.weir.service.wire;

/**
 * The sensor ids that a batch may use, such as those bound in a session. Called once per reading by
 * the thread that checks or re-encodes; must not block.
 */
@FunctionalInterface
public interface SensorKinds {
  /** No id may be used: unary Publish takes names or refs only. */
  SensorKinds NONE = id -> 0;

  /** The number of the sensor's {@code weir.v1.Kind}; 0 where the id (unsigned) is not bound. */
  int kindOf(int sensorId);
}
