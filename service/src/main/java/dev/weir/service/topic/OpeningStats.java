package dev.weir.service.topic;

import dev.weir.service.partition.Partition;

/**
 * The time and records that opening the partitions took, all together; topics that are opened at
 * the same time add up. Immutable.
 *
 * @param partitions how many
 * @param recoveryNanos claiming their logs
 * @param replayNanos reading checkpoints, and the records behind them
 * @param records how many these were
 * @param bytes of these records
 */
public record OpeningStats(
    int partitions, long recoveryNanos, long replayNanos, long records, long bytes) {
  static final OpeningStats NONE = new OpeningStats(0, 0, 0, 0, 0);

  OpeningStats claimed(long nanos) {
    return new OpeningStats(partitions, recoveryNanos + nanos, replayNanos, records, bytes);
  }

  OpeningStats with(Partition opened, long foldNanos) {
    return new OpeningStats(
        partitions + 1,
        recoveryNanos,
        replayNanos + foldNanos,
        records + opened.replayed().records(),
        bytes + opened.replayed().bytes());
  }
}
