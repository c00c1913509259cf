package dev.weir.client;

import dev.weir.v1.Durability;
import dev.weir.v1.ResolveSensorsResponse;
import dev.weir.v1.Retention;
import dev.weir.v1.Sensor;
import dev.weir.v1.Topic;
import java.util.List;
import java.util.Map;

/**
 * Topics and sensors of the server. Thread-safe; each call blocks, with the deadline and retries of
 * the contract, and throws {@link WeirException}.
 */
public interface Topics {
  /** Creates a topic with defaults, or returns the one that exists with the same settings. */
  default Topic createTopic(String name, int partitionCount) {
    return createTopic(Topic.newBuilder().setName(name).setPartitionCount(partitionCount).build());
  }

  /** Creates a topic, or returns the one that exists with the same settings. */
  default Topic createTopic(
      String name, int partitionCount, Durability durability, Retention retention) {
    return createTopic(
        Topic.newBuilder()
            .setName(name)
            .setPartitionCount(partitionCount)
            .setDurability(durability)
            .setRetention(retention)
            .build());
  }

  /** Creates a topic, or returns the one that exists with the same settings. */
  Topic createTopic(Topic topic);

  /** Returns the topic of that name; TOPIC_NOT_FOUND where there is none. */
  Topic getTopic(String name);

  /** Returns all topics by name, fetched page by page while iterating. */
  Iterable<Topic> listTopics();

  /** Replaces a topic's labels. */
  default Topic updateLabels(String name, Map<String, String> labels) {
    return updateTopic(
        Topic.newBuilder().setName(name).putAllLabels(labels).build(), List.of("labels"));
  }

  /** Replaces the retention of a topic's readings. */
  default Topic updateRetention(String name, Retention retention) {
    return updateTopic(
        Topic.newBuilder().setName(name).setRetention(retention).build(), List.of("retention"));
  }

  /**
   * Changes a topic at once.
   *
   * @param topic the name, and the new values
   * @param fields what to change: {@code labels}, {@code retention}, {@code retention.max_age},
   *     {@code retention.max_bytes}
   */
  Topic updateTopic(Topic topic, List<String> fields);

  /** Deletes a topic with everything in it, committed cursors too. */
  void deleteTopic(String name);

  /** Returns all sensors of a topic by id, fetched page by page while iterating. */
  Iterable<Sensor> listSensors(String topic);

  /**
   * Resolves sensors to ids by name; those that do not exist and have a kind are defined.
   * Idempotent; more than 4,096 go in several requests.
   *
   * @return bindings in the order asked, and the sensors that have none, by index, with the problem
   */
  ResolveSensorsResponse resolveSensors(String topic, List<Sensor> sensors);
}
