package dev.weir.service.partition;

/**
 * What opening the partitions took, all together; topics that are opened at the same time add up.
 * Immutable.
 *
 * @param partitions how many
 * @param recoveryNanos claiming their logs
 * @param replayNanos reading checkpoints, and the records behind them
 * @param records how many these were
 * @param bytes of these records
 */
public record Openings(
    int partitions, long recoveryNanos, long replayNanos, long records, long bytes) {
  static final Openings NONE = new Openings(0, 0, 0, 0, 0);

  Openings claimed(long nanos) {
    return new Openings(partitions, recoveryNanos + nanos, replayNanos, records, bytes);
  }

  Openings with(Partition opened, long foldNanos) {
    return new Openings(
        partitions + 1,
        recoveryNanos,
        replayNanos + foldNanos,
        records + opened.replayed().records(),
        bytes + opened.replayed().bytes());
  }
}
