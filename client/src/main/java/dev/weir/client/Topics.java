package dev.weir.client;

import dev.weir.v1.Sensor;
import dev.weir.v1.Topic;

/**
 * Topics and sensors of the server. Thread-safe; each call blocks, with the deadline and retries of
 * the contract, and throws {@link WeirException}.
 */
public interface Topics {
  /** Creates a topic with defaults, or gives the one that exists with the same settings. */
  default Topic createTopic(String name, int partitionCount) {
    return createTopic(Topic.newBuilder().setName(name).setPartitionCount(partitionCount).build());
  }

  /** Creates a topic, or gives the one that exists with the same settings. */
  Topic createTopic(Topic topic);

  /** The topic of that name; TOPIC_NOT_FOUND where there is none. */
  Topic getTopic(String name);

  /** All topics by name, fetched page by page while iterating. */
  Iterable<Topic> listTopics();

  /** All sensors of a topic by id, fetched page by page while iterating. */
  Iterable<Sensor> listSensors(String topic);
}
