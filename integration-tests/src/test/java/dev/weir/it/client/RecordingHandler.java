package dev.weir.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.DoubleHandler;
import dev.weir.client.SensorInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Remembers the values of each sensor in the order of their arrival. Thread-safe. */
final class RecordingHandler implements DoubleHandler {
  private final Map<String, List<Double>> values = new TreeMap<>();
  private int readings;

  @Override
  public synchronized void onDouble(SensorInfo sensor, long timeNanos, double value) {
    values.computeIfAbsent(sensor.name(), name -> new ArrayList<>()).add(value);
    readings++;
  }

  synchronized int readings() {
    return readings;
  }

  synchronized List<Double> of(String sensor) {
    return List.copyOf(values.getOrDefault(sensor, List.of()));
  }

  void awaitReadings(int expected) {
    await("readings received")
        .atMost(Duration.ofSeconds(60))
        .until(this::readings, count -> count >= expected);
  }

  /** Each of so many sensors got the values 0, 1, 2 … once and in order. */
  synchronized void assertCounting(int sensors, int valuesEach) {
    List<Double> counting = new ArrayList<>();
    for (int i = 0; i < valuesEach; i++) {
      counting.add((double) i);
    }
    assertThat(values).hasSize(sensors);
    values.forEach(
        (name, seen) -> {
          if (!seen.equals(counting)) {
            assertThat(seen).as("values of %s", name).isEqualTo(counting);
          }
        });
  }
}
