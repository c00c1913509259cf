package dev.weir.service.log.segment;

import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.file.SegmentEvent;
import java.util.function.Consumer;

/**
 * The state of a partition that takes no more appends until a restart, because it is unknown what
 * of it is stored. Thread-safe; never taken back.
 */
final class PoisonState {
  private final PartitionId partition;
  private final Consumer<SegmentEvent> events;
  private volatile Exception cause;

  PoisonState(PartitionId partition, Consumer<SegmentEvent> events) {
    this.partition = partition;
    this.events = events;
  }

  boolean isSet() {
    return cause != null;
  }

  /** Returns the failure; null where it is not set. */
  Exception cause() {
    return cause;
  }

  /** Returns the failure of an append once it is set. */
  AppendOutcome outcome() {
    return new AppendOutcome.Unknown(cause);
  }

  /** Stops the partition, and tells the operator. */
  AppendOutcome by(Exception failed, long endOffset) {
    cause = failed;
    events.accept(
        new SegmentEvent(
            SegmentEvent.Kind.POISONED,
            partition,
            "The partition accepts no more batches from offset "
                + endOffset
                + " on: a sync or a cut of its file failed ("
                + failed
                + "). Check the disk, then restart the server."));
    return outcome();
  }
}
