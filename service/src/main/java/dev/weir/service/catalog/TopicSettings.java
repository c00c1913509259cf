package dev.weir.service.catalog;

import dev.weir.v1.Durability;
import java.util.Map;

/**
 * The settings that a client chooses for a topic. Immutable.
 *
 * @param partitionCount 1 to 64, fixed
 * @param durability what an ack means, fixed: SYNCED, BUFFERED or MEMORY
 * @param maxAgeNanos readings stored longer ago may be deleted; 0 for no bound by age
 * @param maxBytes most bytes of each partition; 0 for the server's default
 * @param labels free labels
 */
public record TopicSettings(
    int partitionCount,
    Durability durability,
    long maxAgeNanos,
    long maxBytes,
    Map<String, String> labels) {
  /**
   * The bytes of a label besides its own: two strings, their places, and where they are not Latin.
   */
  private static final long LABEL_BYTES = 120;

  public TopicSettings {
    labels = Map.copyOf(labels);
  }

  /** A synced topic with the server's default retention. */
  public static TopicSettings synced(int partitionCount, Map<String, String> labels) {
    return new TopicSettings(partitionCount, Durability.DURABILITY_SYNCED, 0, 0, labels);
  }

  /** Returns the bytes that its labels take in memory, about. */
  public long labelBytes() {
    long bytes = 0;
    for (Map.Entry<String, String> label : labels.entrySet()) {
      bytes += LABEL_BYTES + label.getKey().length() + label.getValue().length();
    }
    return bytes;
  }

  /** Returns whether the topic's log is in memory only. */
  public boolean memory() {
    return durability == Durability.DURABILITY_MEMORY;
  }

  /** These settings with other labels. */
  public TopicSettings withLabels(Map<String, String> newLabels) {
    return new TopicSettings(partitionCount, durability, maxAgeNanos, maxBytes, newLabels);
  }

  /** These settings with another bound by age, 0 for none. */
  public TopicSettings withMaxAgeNanos(long newMaxAgeNanos) {
    return new TopicSettings(partitionCount, durability, newMaxAgeNanos, maxBytes, labels);
  }

  /** These settings with another bound by bytes, 0 for the server's default. */
  public TopicSettings withMaxBytes(long newMaxBytes) {
    return new TopicSettings(partitionCount, durability, maxAgeNanos, newMaxBytes, labels);
  }
}
