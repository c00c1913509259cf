package dev.weir.service.log;

/**
 * Names a partition in an engine. Immutable.
 *
 * @param log the topic's log id as 16 lower-case hexadecimal digits, or "system"
 * @param partition from 0
 */
public record PartitionId(String log, int partition) {
  /** The partition that keeps topics and committed cursors. */
  public static final PartitionId SYSTEM = new PartitionId("system", 0);

  @Override
  public String toString() {
    return log + "/" + partition;
  }
}
