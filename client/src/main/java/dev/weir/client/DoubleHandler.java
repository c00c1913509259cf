package dev.weir.client;

import dev.weir.v1.Reading;

/**
 * Takes readings of DOUBLE sensors only, without an object per reading. A reading of another kind
 * ends the subscriber with a {@link WeirException}, because nothing is skipped silently.
 */
public interface DoubleHandler extends ReadingHandler {
  @Override
  void onDouble(SensorInfo sensor, long timeNanos, double value);

  @Override
  default void onReading(Reading reading) {
    throw new WeirException(
        WeirException.KIND_MISMATCH,
        3,
        "sensor "
            + reading.getSensor()
            + " is not of kind DOUBLE; select DOUBLE sensors only, or use a ReadingHandler");
  }
}
