package dev.weir.client;

import dev.weir.v1.PublishOpened;
import java.time.Duration;

/**
 * Hears what happens to one {@link Publisher} besides acks.
 *
 * <p>Called on the client's callback thread, never concurrently. It must not block: the same thread
 * completes the futures of acks. What it throws is logged.
 */
public interface PublisherListener {
  /** A session is open, the first one or after a reconnect. */
  default void onConnected(PublishOpened opened) {}

  /**
   * The session broke; another try follows. Nothing is lost by this alone.
   *
   * @param cause why
   * @param retryIn how long until the next try
   */
  default void onDisconnected(WeirException cause, Duration retryIn) {}

  /**
   * A single batch was rejected for good, or of a batch those readings that share their future with
   * a refused sensor; that future fails with the same exception. Nothing of them is stored.
   */
  default void onRejected(int partition, int readings, WeirException cause) {}

  /**
   * The server has stopped a partition after a failed sync, and takes nothing for it before it is
   * restarted ({@code PARTITION_UNAVAILABLE}); the other partitions continue. Readings for it fail
   * at once, but for batches that may be stored: their futures complete when the publisher hears of
   * the partition again, and the newest of them fail where they would hold more than a half of
   * {@link PublisherOptions#bufferedBytesMax}. A publisher with a spool keeps all of them there.
   *
   * @param partition the partition, from 0
   * @param cause the error that the server gave
   */
  default void onPartitionStopped(int partition, WeirException cause) {}

  /**
   * Acknowledged batches are no longer stored: the topic is not SYNCED, or its producers were
   * forgotten.
   *
   * @param partition the partition, from 0
   * @param fromSequence the first batch that is lost
   * @param throughSequence the last batch that is lost
   */
  default void onLost(int partition, long fromSequence, long throughSequence) {}

  /**
   * Readings that the spool had accepted will not be sent: they made room for others ({@code
   * SPOOL_FULL}) or are damaged on this disk ({@code SPOOL_DAMAGED}). They are counted once.
   */
  default void onSpoolLoss(long readings, WeirException cause) {}
}
