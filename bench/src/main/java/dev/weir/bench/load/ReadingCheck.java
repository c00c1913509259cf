package dev.weir.bench.load;

import dev.weir.client.DoubleHandler;
import dev.weir.client.SensorInfo;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Compares every reading with the one that its publisher made, time and value to the bit. Because
 * each sensor's readings must come in order, a lost, repeated or misplaced one shows as a wrong
 * one.
 *
 * <p>The subscriber's thread owns what is compared; the counts are shared under a lock, once per
 * delivery.
 */
final class ReadingCheck implements DoubleHandler {
  private final Walks[] walks;
  private final Map<String, Place> placeByName = new HashMap<>();
  private SensorInfo[] sensorById = new SensorInfo[0];
  private Place[] placeById = new Place[0];
  private long seen;
  private long wrongSeen;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private long delivered;
  private long wrong;
  private String firstWrong;

  ReadingCheck(int publishers, int sensors) {
    walks = new Walks[publishers];
    for (int publisher = 0; publisher < publishers; publisher++) {
      walks[publisher] = new Walks(publisher, sensors);
      for (int sensor = 0; sensor < sensors; sensor++) {
        placeByName.put(Walks.name(publisher, sensor), new Place(walks[publisher], sensor));
      }
    }
  }

  // The client promises one object per sensor and session, so comparing objects is enough.
  @SuppressWarnings("ReferenceEquality")
  @Override
  public void onDouble(SensorInfo sensor, long timeNanos, double value) {
    int id = sensor.id();
    if (id >= sensorById.length || sensorById[id] != sensor) {
      remember(sensor);
    }
    Place place = placeById[id];
    seen++;
    place.walks.step(place.sensor);
    double expected = place.walks.value(place.sensor);
    if (timeNanos != place.walks.timeNanos(place.sensor)
        || Double.doubleToRawLongBits(value) != Double.doubleToRawLongBits(expected)) {
      onWrong(sensor, timeNanos, value, place);
    }
  }

  /** A sensor that came for the first time in this session. */
  private void remember(SensorInfo sensor) {
    int id = sensor.id();
    if (id >= sensorById.length) {
      int length = Math.max(id + 1, 2 * sensorById.length);
      sensorById = Arrays.copyOf(sensorById, length);
      placeById = Arrays.copyOf(placeById, length);
    }
    Place place = placeByName.get(sensor.name());
    if (place == null) {
      throw new IllegalStateException("nobody publishes " + sensor.name());
    }
    sensorById[id] = sensor;
    placeById[id] = place;
  }

  private void onWrong(SensorInfo sensor, long timeNanos, double value, Place place) {
    wrongSeen++;
    if (wrongSeen == 1) {
      String text =
          String.format(
              "first wrong reading: %s, number %d of all: time %d, value %s (expected %d, %s)",
              sensor.name(),
              seen,
              timeNanos,
              value,
              place.walks.timeNanos(place.sensor),
              place.walks.value(place.sensor));
      lock.lock();
      try {
        firstWrong = text;
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void onBatch(String cursor) {
    lock.lock();
    try {
      delivered = seen;
      wrong = wrongSeen;
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Readings of finished deliveries. */
  long delivered() {
    lock.lock();
    try {
      return delivered;
    } finally {
      lock.unlock();
    }
  }

  /** How many of them were not what was published. */
  long wrong() {
    lock.lock();
    try {
      return wrong;
    } finally {
      lock.unlock();
    }
  }

  /** What the first wrong reading was. */
  Optional<String> firstWrong() {
    lock.lock();
    try {
      return Optional.ofNullable(firstWrong);
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a count; false when the time is over. */
  boolean awaitDelivered(long readings, long timeoutSeconds) throws InterruptedException {
    long leftNanos = TimeUnit.SECONDS.toNanos(timeoutSeconds);
    lock.lock();
    try {
      while (delivered < readings && leftNanos > 0) {
        leftNanos = more.awaitNanos(leftNanos);
      }
      return delivered >= readings;
    } finally {
      lock.unlock();
    }
  }

  private record Place(Walks walks, int sensor) {}
}
