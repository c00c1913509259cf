package dev.weir.it.proof;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** All that is published into one topic. Thread-safe. */
final class Sources {
  private final String topic;
  private final int partitions;
  private final List<Source> all = new CopyOnWriteArrayList<>();
  private final Map<String, Source> bySensor = new ConcurrentHashMap<>();

  Sources(String topic, int partitions) {
    this.topic = topic;
    this.partitions = partitions;
  }

  String topic() {
    return topic;
  }

  int partitions() {
    return partitions;
  }

  Source add(String producer, int partition, int sensors) {
    Source source = new Source(producer, partition, partitions, sensors);
    source.sensors().forEach(sensor -> bySensor.put(sensor, source));
    all.add(source);
    return source;
  }

  /** Whose a sensor is; null for nobody's. */
  Source of(String sensor) {
    return bySensor.get(sensor);
  }

  List<Source> all() {
    return List.copyOf(all);
  }

  /** What is acknowledged now, source by source. */
  Map<Source, Long> acked() {
    Map<Source, Long> acked = new LinkedHashMap<>();
    all.forEach(source -> acked.put(source, source.acked()));
    return acked;
  }
}
