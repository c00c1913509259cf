package dev.weir.client.internal.batch;

/** Which id a sensor of this publisher has in the present session. Owned by the loop. */
@FunctionalInterface
public interface SessionSensorIds {
  /** The sensor is not bound yet. */
  int UNBOUND = -1;

  /** The server refused the sensor. */
  int REFUSED = -2;

  /** The id, or {@link #UNBOUND} or {@link #REFUSED}. */
  int idOf(int slot);
}
