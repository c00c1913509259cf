package dev.weir.bench.load;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * A check of readings whose time is the one at which each was meant to be sent, on the clock that
 * all processes of a machine share: it measures from that time to the handler, so a publisher that
 * is held up hides nothing. A sensor's times must rise. Threads as in {@link ReadingCheck}.
 */
public final class LatencyCheck extends ReadingCheck {
  private static final double NANOS_PER_MICRO = 1e3;

  private final Recorder recorder = new Recorder(TimeUnit.MINUTES.toNanos(10), 3);
  private final long[] lastNanos;

  public LatencyCheck(RandomWalks walks) {
    super(walks);
    lastNanos = new long[walks.sensors()];
    Arrays.fill(lastNanos, Long.MIN_VALUE);
  }

  @Override
  boolean isTimeRight(RandomWalks expected, int sensor, long timeNanos) {
    recorder.recordValue(Math.max(0, System.nanoTime() - RandomWalks.clockOf(timeNanos)));
    boolean rises = timeNanos > lastNanos[sensor];
    lastNanos[sensor] = timeNanos;
    return rises;
  }

  /** Forgets what was measured so far. */
  public void begin() {
    recorder.reset();
  }

  /** Returns the measurements since {@link #begin}. */
  public KeyValues end() {
    Histogram latencies = recorder.getIntervalHistogram();
    return KeyValues.none()
        .with("readings", latencies.getTotalCount())
        .with("p50_micros", latencies.getValueAtPercentile(50) / NANOS_PER_MICRO)
        .with("p99_micros", latencies.getValueAtPercentile(99) / NANOS_PER_MICRO)
        .with("p999_micros", latencies.getValueAtPercentile(99.9) / NANOS_PER_MICRO);
  }
}
