package dev.weir.service.session;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Result;
import dev.weir.service.partition.Topic;
import java.time.Duration;
import java.util.List;

/**
 * Refuses a session's batches for which a partition's queue has no room, and remembers where that
 * began, so that all of them are told to go on at the same number. Owned by the event loop.
 */
@OwnedBy("event loop")
final class FullQueues {
  private final Topic topic;
  private final Duration retryDelay;

  /** Per partition the first number refused and not taken since; 0 for none. */
  private final long[] refusedFrom;

  FullQueues(Topic topic, Duration retryDelay) {
    this.topic = topic;
    this.retryDelay = retryDelay;
    this.refusedFrom = new long[topic.partitions().size()];
  }

  /** A batch had room. */
  void taken(int partition, long sequence) {
    if (sequence <= refusedFrom[partition]) {
      refusedFrom[partition] = 0;
    }
  }

  /** A batch had none: what it is told. */
  Result.Rejected refused(int partition, long sequence) {
    return refused(partition, sequence, topic.refusal(partition, retryDelay));
  }

  /** A batch is not taken now for another reason. */
  Result.Rejected refused(int partition, long sequence, Fault why) {
    long before = refusedFrom[partition];
    refusedFrom[partition] = before == 0 ? sequence : Math.min(before, sequence);
    return new Result.Rejected(why, List.of(), refusedFrom[partition]);
  }
}
