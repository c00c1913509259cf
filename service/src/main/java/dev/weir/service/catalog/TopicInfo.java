package dev.weir.service.catalog;

import dev.weir.service.log.PartitionId;
import java.util.Map;

/**
 * What is known of a topic from its creation. Immutable.
 *
 * @param name its name
 * @param logId random; names the log, also in cursors
 * @param partitionCount 1 to 64
 * @param labels free labels
 * @param createTimeNanos the server's clock, Unix nanoseconds
 * @param requestId of the CreateTopic; empty for none
 */
public record TopicInfo(
    String name,
    long logId,
    int partitionCount,
    Map<String, String> labels,
    long createTimeNanos,
    String requestId) {
  public TopicInfo {
    labels = Map.copyOf(labels);
  }

  /** One of its partitions, as the engine names it. */
  public PartitionId partition(int partition) {
    return new PartitionId(String.format("%016x", logId), partition);
  }

  /** Whether another request asks for the same topic. */
  public boolean sameSettings(TopicInfo other) {
    return name.equals(other.name)
        && partitionCount == other.partitionCount
        && labels.equals(other.labels);
  }
}
