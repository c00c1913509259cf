package dev.weir.it.proof;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** All that is published into one topic. Thread-safe. */
final class NumberedSources {
  private final String topic;
  private final int partitions;
  private final List<NumberedSource> all = new CopyOnWriteArrayList<>();
  private final Map<String, NumberedSource> bySensor = new ConcurrentHashMap<>();

  NumberedSources(String topic, int partitions) {
    this.topic = topic;
    this.partitions = partitions;
  }

  String topic() {
    return topic;
  }

  int partitions() {
    return partitions;
  }

  NumberedSource add(String producer, int partition, int sensors) {
    NumberedSource source = new NumberedSource(producer, partition, partitions, sensors);
    source.sensors().forEach(sensor -> bySensor.put(sensor, source));
    all.add(source);
    return source;
  }

  /** Returns the source of a sensor; null: none. */
  NumberedSource of(String sensor) {
    return bySensor.get(sensor);
  }

  List<NumberedSource> all() {
    return List.copyOf(all);
  }

  /** Returns the readings acknowledged now, source by source. */
  Map<NumberedSource, Long> acked() {
    Map<NumberedSource, Long> acked = new LinkedHashMap<>();
    all.forEach(source -> acked.put(source, source.acked()));
    return acked;
  }
}
