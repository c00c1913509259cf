package dev.weir.bench.load;

import dev.weir.client.DoubleHandler;
import dev.weir.client.SensorInfo;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Compares every reading with the one that the publisher made, time and value to the bit. Because
 * each sensor's readings must come in order, a lost, repeated or misplaced one shows as a wrong
 * one.
 *
 * <p>The subscriber's thread owns what is compared; the counts are thread-safe and lag by at most a
 * delivery.
 */
public class ReadingCheck implements DoubleHandler {
  private static final Duration POLL = Duration.ofMillis(1);

  private final RandomWalks walks;
  private final Map<String, Integer> placeByName = new HashMap<>();
  private SensorInfo[] sensorById = new SensorInfo[0];
  private int[] placeById = new int[0];
  private long seen;
  private long wrongSeen;

  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private volatile String firstWrong;

  /** Checks against the walks of one publisher. */
  public ReadingCheck(RandomWalks walks) {
    this.walks = walks;
    for (int sensor = 0; sensor < walks.sensors(); sensor++) {
      placeByName.put(RandomWalks.name(0, sensor), sensor);
    }
  }

  // The client promises one object per sensor and session, so comparing objects is enough.
  @SuppressWarnings("ReferenceEquality")
  @Override
  public final void onDouble(SensorInfo sensor, long timeNanos, double value) {
    int id = sensor.id();
    if (id >= sensorById.length || sensorById[id] != sensor) {
      remember(sensor);
    }
    compare(placeById[id], timeNanos, value);
  }

  /** A sensor that came for the first time in this session. */
  private void remember(SensorInfo sensor) {
    int id = sensor.id();
    if (id >= sensorById.length) {
      int length = Math.max(id + 1, 2 * sensorById.length);
      sensorById = Arrays.copyOf(sensorById, length);
      placeById = Arrays.copyOf(placeById, length);
    }
    placeById[id] = placeOf(sensor.name());
    sensorById[id] = sensor;
  }

  private int placeOf(String name) {
    Integer place = placeByName.get(name);
    if (place == null) {
      throw new IllegalStateException("nobody publishes " + name);
    }
    return place;
  }

  /** A reading of a system that gives a name with each. */
  public final void onNamed(String name, long timeNanos, double value) {
    compare(placeOf(name), timeNanos, value);
  }

  private void compare(int sensor, long timeNanos, double value) {
    seen++;
    walks.step(sensor);
    if (!isTimeRight(walks, sensor, timeNanos)
        || Double.doubleToRawLongBits(value) != Double.doubleToRawLongBits(walks.value(sensor))) {
      onWrong(sensor, timeNanos, value);
    }
  }

  /** Returns whether this is the time of the sensor's present reading. */
  boolean isTimeRight(RandomWalks expected, int sensor, long timeNanos) {
    return timeNanos == expected.timeNanos(sensor);
  }

  private void onWrong(int sensor, long timeNanos, double value) {
    wrongSeen++;
    if (wrongSeen == 1) {
      firstWrong =
          String.format(
              "first wrong reading: %s, number %d of all: time %d, value %s (expected %d, %s)",
              RandomWalks.name(0, sensor),
              seen,
              timeNanos,
              value,
              walks.timeNanos(sensor),
              walks.value(sensor));
    }
  }

  @Override
  public final void onBatch(String cursor) {
    settle();
  }

  /** A delivery, or message, is done with. */
  public final void settle() {
    wrong.lazySet(wrongSeen);
    delivered.lazySet(seen);
  }

  /** Readings of finished deliveries. */
  public final long delivered() {
    return delivered.get();
  }

  /** Returns how many readings of finished deliveries differ from those published. */
  public final long wrong() {
    return wrong.get();
  }

  /** Describes the first wrong reading; empty: none. */
  public final Optional<String> firstWrong() {
    return Optional.ofNullable(firstWrong);
  }

  /** Waits for a count; false when the time is over. */
  public final boolean awaitDelivered(long readings, Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (delivered() < readings && System.nanoTime() < deadline) {
      BenchRuntime.pause(POLL);
    }
    return delivered() >= readings;
  }
}
