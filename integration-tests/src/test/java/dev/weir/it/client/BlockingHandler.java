package dev.weir.it.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.DoubleHandler;
import dev.weir.client.SensorInfo;
import java.util.concurrent.CountDownLatch;

/**
 * Hands on what comes once it is released.
 *
 * @param released opens it
 * @param to who gets the readings
 */
record BlockingHandler(CountDownLatch released, RecordingHandler to) implements DoubleHandler {
  @Override
  public void onDouble(SensorInfo sensor, long timeNanos, double value) {
    try {
      assertThat(released.await(60, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    to.onDouble(sensor, timeNanos, value);
  }
}
