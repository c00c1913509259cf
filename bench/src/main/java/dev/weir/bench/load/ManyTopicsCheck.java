package dev.weir.bench.load;

import dev.weir.client.DoubleHandler;
import dev.weir.client.SensorInfo;
import java.util.concurrent.atomic.LongAdder;

/**
 * Compares every reading of one subscription with the one that was published, time and value to the
 * bit. Owned by the subscriber's thread; the counts are shared by all subscriptions.
 */
public final class ManyTopicsCheck implements DoubleHandler {
  private final RandomWalks walks;
  private final int subscription;
  private final LongAdder delivered;
  private final LongAdder wrong;
  private int[] sensorById = new int[0];
  private long seen;
  private volatile long settled;

  public ManyTopicsCheck(
      RandomWalks walks, int subscription, LongAdder delivered, LongAdder wrong) {
    this.walks = walks;
    this.subscription = subscription;
    this.delivered = delivered;
    this.wrong = wrong;
  }

  @Override
  public void onDouble(SensorInfo sensor, long timeNanos, double value) {
    int id = sensor.id();
    if (id >= sensorById.length) {
      sensorById = java.util.Arrays.copyOf(sensorById, Math.max(id + 1, 2 * sensorById.length));
    }
    if (sensorById[id] == 0) { // one more than the sensor, so that 0 is none
      sensorById[id] = sensorOf(sensor.name()) + 1;
    }
    int place = sensorById[id] - 1;
    walks.step(place);
    seen++;
    if (timeNanos != walks.timeNanos(place)
        || Double.doubleToRawLongBits(value) != Double.doubleToRawLongBits(walks.value(place))) {
      wrong.increment();
    }
  }

  private int sensorOf(String name) {
    int sensor = Integer.parseInt(name.substring(name.lastIndexOf("sensor") + "sensor".length()));
    if (!name.equals(ManyTopicsShape.sensor(sensor))
        || !ManyTopicsShape.selects(subscription, sensor)) {
      throw new IllegalStateException("not selected: " + name);
    }
    return sensor;
  }

  @Override
  public void onBatch(String cursor) {
    delivered.add(seen - settled);
    settled = seen;
  }

  /** Readings of finished deliveries. */
  public long delivered() {
    return settled;
  }
}
