package dev.weir.service.session.publish;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.topic.ServedTopic;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Refuses a session's batches for which a partition's queue has no room, and remembers where that
 * began, so that all of them are told to go on at the same number. Owned by the event loop.
 */
@OwnedBy("event loop")
final class QueueFullRefusals {
  private final ServedTopic topic;
  private final Duration retryDelay;

  /** Per partition the first number refused and not taken since; 0 for none. */
  private final long[] refusedFrom;

  /** Per partition the last number known to be stored. */
  private final long[] stored;

  QueueFullRefusals(ServedTopic topic, Duration retryDelay) {
    this.topic = topic;
    this.retryDelay = retryDelay;
    this.refusedFrom = new long[topic.partitions().size()];
    this.stored = new long[refusedFrom.length];
  }

  /** Everything up to the last sequences of an opening is stored. */
  void stored(List<PartitionResult.Opened> opened) {
    for (int p = 0; p < stored.length; p++) {
      stored(p, opened.get(p).lastSequence());
    }
  }

  /** Everything up to a number is stored. */
  void stored(int partition, long sequence) {
    stored[partition] = Math.max(stored[partition], sequence);
  }

  /** Returns whether a batch is stored, so that it needs no room. */
  boolean isStored(int partition, long sequence) {
    return sequence <= stored[partition];
  }

  /** A batch had room. */
  void taken(int partition, long sequence) {
    if (sequence <= refusedFrom[partition]) {
      refusedFrom[partition] = 0;
    }
  }

  /**
   * A batch had none, or is not taken now for another reason: what it is told.
   *
   * @param other that reason
   */
  PartitionResult.Rejected refused(int partition, long sequence, Optional<Fault> other) {
    long before = refusedFrom[partition];
    refusedFrom[partition] = before == 0 ? sequence : Math.min(before, sequence);
    Fault why = other.orElseGet(() -> topic.refusal(partition, retryDelay));
    return new PartitionResult.Rejected(why, List.of(), refusedFrom[partition]);
  }
}
