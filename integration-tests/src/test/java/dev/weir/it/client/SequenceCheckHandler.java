package dev.weir.it.client;

import static org.awaitility.Awaitility.await;

import dev.weir.client.DoubleHandler;
import dev.weir.client.SensorInfo;
import dev.weir.v1.Phase;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.SubscriptionStatus;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Checks readings whose values count up by one per sensor: inside a snapshot a sensor may jump
 * ahead, never back and only once; outside, the next value must come. In a reduced mode, a sensor's
 * first reading after resuming or lagging may be the same as the last. Thread-safe.
 */
class SequenceCheckHandler extends RecordingListener implements DoubleHandler {
  private final Map<String, Double> last = new TreeMap<>();
  private final Map<String, Double> before = new TreeMap<>();
  private final Set<String> shown = new TreeSet<>();
  private final Set<String> begun = new TreeSet<>();
  private final boolean reduced;
  private boolean snapshot;
  private AssertionError wrong;

  SequenceCheckHandler(boolean reduced) {
    this.reduced = reduced;
  }

  @Override
  public synchronized void onActive(SubscriptionStatus status) {
    super.onActive(status);
    begun.clear();
    if (snapshot) { // it was cut, so what it showed comes again from the position before it
      snapshot = false;
      last.clear();
      last.putAll(before);
    }
  }

  @Override
  public synchronized void onPhase(PhaseChange phase) {
    super.onPhase(phase);
    if (phase.getPhase() == Phase.PHASE_SNAPSHOT_BEGIN) {
      snapshot = true;
      shown.clear();
      before.clear();
      before.putAll(last);
    } else if (phase.getPhase() == Phase.PHASE_SNAPSHOT_END) {
      snapshot = false;
    } else if (phase.getPhase() == Phase.PHASE_FELL_BEHIND) {
      begun.clear();
    }
  }

  @Override
  public synchronized void onDouble(SensorInfo sensor, long timeNanos, double value) {
    try {
      check(sensor.name(), value);
    } catch (AssertionError e) {
      wrong = e;
      throw e;
    }
  }

  private void check(String sensor, double value) {
    Double previous = last.put(sensor, value);
    boolean first = begun.add(sensor);
    double next = previous == null ? 0 : previous + 1;
    boolean right;
    if (snapshot) {
      right = shown.add(sensor) && value >= next - 1;
    } else {
      right = value == next || (reduced && first && value == next - 1);
    }
    // Asserting each of so many readings would be most of the test.
    if (!right) {
      throw new AssertionError(
          sensor + ": " + value + " (expected " + next + ") after " + phases());
    }
  }

  private synchronized long at(double value) {
    if (wrong != null) {
      throw wrong;
    }
    return last.values().stream().filter(v -> v == value).count();
  }

  /** Waits until so many sensors have this value. */
  void awaitAll(int sensors, double value) {
    await(sensors + " sensors have the value " + value)
        .atMost(Duration.ofSeconds(60))
        .until(() -> at(value) == sensors);
  }
}
