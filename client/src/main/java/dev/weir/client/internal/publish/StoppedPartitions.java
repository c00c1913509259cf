package dev.weir.client.internal.publish;

import dev.weir.client.PublisherListener;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.common.OwnedBy;
import java.util.List;

/**
 * Settles readings for partitions that take nothing before the server is restarted, so that the
 * others continue (promise D5). Owned by the sender, on the loop.
 *
 * <p>Batches that are surely not stored fail at once, and so do readings that are published later.
 * Batches of which nobody knows whether they are stored wait for the session in which the partition
 * is there again, which settles each of them once; all together they hold at most a half of the
 * publisher's buffer, and the newest beyond that fail. With a spool nothing fails: it hands them
 * once more.
 */
@OwnedBy("loop")
final class StoppedPartitions {
  private static final String REASON = "PARTITION_UNAVAILABLE";

  private final BatchSource source;
  private final PublishCallbacks settlements;
  private final PublisherListener listener;
  private final long shareBytesMax;

  /**
   * @param bufferedBytesMax the publisher's whole buffer
   */
  StoppedPartitions(
      BatchSource source,
      PublishCallbacks settlements,
      PublisherListener listener,
      long bufferedBytesMax) {
    this.source = source;
    this.settlements = settlements;
    this.listener = listener;
    this.shareBytesMax = bufferedBytesMax / 2;
  }

  /** Returns whether a problem means that a partition takes nothing before a restart. */
  static boolean isCauseOf(WeirException problem) {
    return problem.reason().equals(REASON) && problem.retryDelay().isEmpty();
  }

  /**
   * A partition is stopped, which may be known already.
   *
   * @param unbound its batch that waits for definitions; null for none
   */
  void stop(int partition, PartitionSendQueue queue, ReadingBatch unbound, WeirException cause) {
    if (queue.isStopped()) {
      return;
    }
    List<PendingBatch> never = queue.stop();
    source.stop(partition, cause);
    settlements.post(() -> listener.onPartitionStopped(partition, cause));
    fail(partition, never, cause);
    if (source.keepsReadings()) {
      return;
    }
    if (unbound != null) {
      fail(partition, unbound, cause);
    }
    for (ReadingBatch batch; (batch = source.take(partition, true, 0)) != null; ) {
      fail(partition, batch, cause);
    }
  }

  /** Batches of a stopped partition are surely not stored. */
  void fail(int partition, List<PendingBatch> batches, WeirException cause) {
    for (PendingBatch batch : batches) {
      if (!source.keepsReadings()) {
        int readings = batch.readings();
        settlements.post(() -> listener.onRejected(partition, readings, cause));
        settlements.failed(batch.promise(), batch.heldBytes(), cause);
      }
    }
  }

  private void fail(int partition, ReadingBatch batch, WeirException cause) {
    int readings = batch.readings();
    settlements.post(() -> listener.onRejected(partition, readings, cause));
    settlements.failed(batch.promise(), batch.heldBytes(), cause);
  }

  /** Keeps what waits for a restart within its share; what is newest does not wait. */
  void keepShare(PartitionSendQueue[] queues, int partition, WeirException cause) {
    long held = 0;
    for (PartitionSendQueue queue : queues) {
      held += queue.doubtfulBytes();
    }
    while (held > shareBytesMax) {
      PendingBatch newest = queues[partition].dropNewestDoubtful();
      if (newest == null) {
        return;
      }
      held -= newest.heldBytes();
      settlements.failed(newest.promise(), newest.heldBytes(), cause);
    }
  }
}
