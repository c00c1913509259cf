package dev.weir.service.catalog;

import dev.weir.service.log.PartitionId;
import dev.weir.v1.Durability;
import java.util.Map;

/**
 * The name, log and settings of a topic. Immutable; an update makes another one of the same log.
 *
 * @param name its name
 * @param logId random; names the log, also in cursors
 * @param settings what was chosen for it
 * @param createTimeNanos the server's clock, Unix nanoseconds
 * @param updateTimeNanos the same of the last update; 0 for none
 * @param requestId of the CreateTopic; empty for none
 */
public record TopicInfo(
    String name,
    long logId,
    TopicSettings settings,
    long createTimeNanos,
    long updateTimeNanos,
    String requestId) {
  /** A topic that is new. */
  public static TopicInfo created(
      String name, long logId, TopicSettings settings, long createTimeNanos, String requestId) {
    return new TopicInfo(name, logId, settings, createTimeNanos, 0, requestId);
  }

  /** The topic with other settings. */
  public TopicInfo updated(TopicSettings newSettings, long timeNanos) {
    return new TopicInfo(name, logId, newSettings, createTimeNanos, timeNanos, requestId);
  }

  /** Its number of partitions, 1 to 64. */
  public int partitionCount() {
    return settings.partitionCount();
  }

  /** Returns what an ack means. */
  public Durability durability() {
    return settings.durability();
  }

  /** Returns whether acks come before the sync. */
  public boolean buffered() {
    return durability() == Durability.DURABILITY_BUFFERED;
  }

  /** Returns whether its log is in memory only. */
  public boolean memory() {
    return settings.memory();
  }

  /** Its labels. */
  public Map<String, String> labels() {
    return settings.labels();
  }

  /** One of its partitions, as the engine names it. */
  public PartitionId partition(int partition) {
    return new PartitionId(String.format("%016x", logId), partition);
  }
}
