package dev.weir.client.internal.batch;

/** Maps a sensor of this publisher to its id in the present session. Owned by the loop. */
@FunctionalInterface
public interface SessionSensorIds {
  /** The sensor is not bound yet. */
  int UNBOUND = -1;

  /** The server refused the sensor. */
  int REFUSED = -2;

  /** The id, or {@link #UNBOUND} or {@link #REFUSED}. */
  int idOf(int slot);
}
