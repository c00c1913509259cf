package dev.weir.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HostSensorsTest {
  @Test
  void sample_hasLoadOfEachCoreAndMemory_underNamesThatATopicTakes() {
    AtomicLong clock = new AtomicLong();
    HostSensors sensors = new HostSensors(clock::get);
    clock.addAndGet(1_000_000_000L);
    Map<String, Double> values = new HashMap<>();
    sensors.sample(
        (sensor, unit, value) -> {
          assertThat(unit).isIn("%", "By", "By/s", "Cel");
          assertThat(values.put(sensor, value)).as("one value of %s", sensor).isNull();
        });
    assertThat(values).containsKeys("cpu/0/load", "memory/used", "memory/available");
    assertThat(values.get("memory/used")).isPositive();
    assertThat(values.keySet()).allMatch(name -> name.matches("[A-Za-z0-9._/-]+"));
    assertThat(values.values()).allMatch(Double::isFinite).allMatch(value -> value >= 0);
  }
}
