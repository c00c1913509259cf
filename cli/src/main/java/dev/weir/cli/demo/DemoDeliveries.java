package dev.weir.cli.demo;

import dev.weir.client.DoubleHandler;
import dev.weir.client.SensorInfo;
import dev.weir.v1.Gap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * The readings that the demo's subscriber received, as values, latencies and a tally. Thread-safe.
 */
final class DemoDeliveries implements DoubleHandler {
  private static final long LATENCY_MAX_MICROS = TimeUnit.HOURS.toMicros(1);

  /** Not the first: that one may hold the definitions' first readings only. */
  private static final long DROPPED_DELIVERY = 1;

  private final LongSupplier epochNanos;
  private final boolean dropOneDelivery;
  private final ReadingDigest tally = new ReadingDigest(); // guarded by this, as all below
  private final Histogram latencyMicros = new Histogram(LATENCY_MAX_MICROS, 3);
  private final Map<String, String> changed = new LinkedHashMap<>();
  private long arrived;
  private long kept;
  private long gaps;
  private long deliveries;

  DemoDeliveries(LongSupplier epochNanos, boolean dropOneDelivery) {
    this.epochNanos = epochNanos;
    this.dropOneDelivery = dropOneDelivery;
  }

  @Override
  public synchronized void onDouble(SensorInfo sensor, long timeNanos, double value) {
    arrived++;
    if (dropOneDelivery && deliveries == DROPPED_DELIVERY) {
      return;
    }
    kept++;
    tally.add(sensor.name(), timeNanos, value);
    long micros = Math.max(0, epochNanos.getAsLong() - timeNanos) / 1_000;
    latencyMicros.recordValue(Math.min(LATENCY_MAX_MICROS, micros));
    changed.put(sensor.name(), value + "\t" + sensor.unit() + "\t" + sensor.name());
  }

  @Override
  public synchronized void onBatch(String cursor) {
    deliveries++;
    notifyAll();
  }

  synchronized void onGap(Gap gap) {
    gaps += Math.max(1, gap.getReadings());
  }

  /** Waits until so many readings have arrived, dropped ones too, or until it is too late. */
  synchronized void await(long readings, long millis) throws InterruptedException {
    long untilNanos = epochNanos.getAsLong() + TimeUnit.MILLISECONDS.toNanos(millis);
    long leftNanos = untilNanos - epochNanos.getAsLong();
    while (arrived < readings && leftNanos > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
      leftNanos = untilNanos - epochNanos.getAsLong();
    }
  }

  /** The numbers, and the values that changed since the last call, as lines of a report. */
  synchronized List<String> news() {
    List<String> lines = new ArrayList<>();
    lines.add("number\tdelivered\t" + kept);
    lines.add("number\tgaps\t" + gaps);
    lines.add("number\tp50_us\t" + latencyMicros.getValueAtPercentile(50));
    lines.add("number\tp99_us\t" + latencyMicros.getValueAtPercentile(99));
    changed.values().forEach(value -> lines.add("value\t" + value));
    changed.clear();
    return lines;
  }

  synchronized List<String> tallyLines() {
    return tally.lines();
  }
}
