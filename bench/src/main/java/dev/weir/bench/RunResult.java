package dev.weir.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one run showed. Immutable.
 *
 * @param server its window
 * @param publishers their window, summed
 * @param subscriber its window
 * @param outcome whether all is right, of the whole run with its warm-up
 */
record RunResult(Mark server, Mark publishers, Mark subscriber, Outcome outcome) {
  double acknowledgedPerSecond() {
    return publishers.readingsPerSecond();
  }

  double deliveredPerSecond() {
    return subscriber.readingsPerSecond();
  }

  /** Of all processes together, for each million readings delivered. */
  double cpuSecondsPerMillion() {
    return cpu(server) + cpu(publishers) + cpu(subscriber);
  }

  double cpu(Mark process) {
    return process.cpuSecondsPerMillion(subscriber.readings());
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("acknowledged_per_second", acknowledgedPerSecond());
    map.put("delivered_per_second", deliveredPerSecond());
    map.put("cpu_seconds_per_million", cpuSecondsPerMillion());
    map.put("server", process(server));
    map.put("publishers", process(publishers));
    map.put("subscriber", process(subscriber));
    map.put("durability", outcome.durability());
    map.put("published", outcome.published());
    map.put("acknowledged", outcome.acknowledged());
    map.put("delivered", outcome.delivered());
    map.put("problems", outcome.problems());
    return map;
  }

  private Map<String, Object> process(Mark mark) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("cpu_seconds_per_million", cpu(mark));
    map.put("gc_millis", mark.gcMillis());
    return map;
  }
}
