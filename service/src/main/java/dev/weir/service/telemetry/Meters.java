package dev.weir.service.telemetry;

import dev.weir.service.core.budget.Budget;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the service counts and times. Thread-safe. No method blocks or throws, and all may be called
 * on an event loop or a writer. By default nothing is recorded.
 */
public interface Meters {
  /** Records nothing. */
  Meters NONE = new Meters() {};

  /**
   * A topic is served from now on. What is told of topics that are not is not recorded: it may come
   * late, of one that was deleted.
   */
  default void topicServed(String topic) {}

  /**
   * A topic was deleted, and everything that is recorded of it goes. Another one of the same name
   * begins anew.
   */
  default void topicDeleted(String topic) {}

  /**
   * A commit round of one partition is durable.
   *
   * @param topic its name
   * @param records of the round
   * @param bytes of these records
   * @param nanos writing and syncing them
   */
  default void committed(String topic, int records, long bytes, long nanos) {}

  /** Files were synced; takes the time of one sync in nanoseconds. */
  default void synced(long nanos) {}

  /** A batch was acked; a duplicate had been stored before and has no readings. */
  default void stored(String topic, boolean duplicate, long readings) {}

  /** A batch was rejected. */
  default void rejected(String topic) {}

  /** Readings were handed to a subscriber's call. */
  default void delivered(String topic, long readings, long bytes) {}

  /**
   * Readings were reported to a subscriber as a gap.
   *
   * @param reason one of few, such as "retention"
   */
  default void gap(String topic, String reason, long readings) {}

  /** Readings were left out of a delivery by a subscription's mode. */
  default void suppressed(String topic, long readings) {}

  /** A streaming call began; its kind is one of few, such as "publish". */
  default void sessionOpened(String kind) {}

  /** A streaming call of a kind ended. */
  default void sessionClosed(String kind) {}

  /** Subscriptions became active (positive) or ended (negative). */
  default void subscriptionsChanged(int delta) {}

  /**
   * Registers where lag is read, once.
   *
   * @param readingsByTopic per topic, how many readings its slowest subscription is behind; called
   *     by the exporter, on its thread, each time it collects
   */
  default void lagFrom(Supplier<Map<String, Long>> readingsByTopic) {}

  /**
   * Registers where stalls are read, once.
   *
   * @param subscriptionsByReason per reason, such as "no_credit", how many subscriptions are not
   *     moving because of it; called by the exporter, on its thread, each time it collects
   */
  default void stallsFrom(Supplier<Map<String, Long>> subscriptionsByReason) {}

  /**
   * Registers where the state of the storage is read, once. All are called by the exporter, on its
   * thread, each time it collects.
   *
   * @param freeBytes what the log's files can still grow by
   * @param reserveBytes what of it publishers leave
   * @param stoppedPartitions partitions that store nothing until a restart
   * @param diskHangs 1 while the disk does not answer, else 0
   */
  default void storageFrom(
      LongSupplier freeBytes,
      LongSupplier reserveBytes,
      LongSupplier stoppedPartitions,
      LongSupplier diskHangs) {}

  /**
   * Registers the budgets of what peers make the server hold, once. They are read by the exporter,
   * on its thread, each time it collects.
   */
  default void budgetsFrom(List<Budget> budgets) {}

  /**
   * A stored batch as a span of the publisher's trace. Does nothing unless the trace is sampled.
   *
   * @param span what was stored and when
   */
  default void appended(AppendSpan span) {}

  /**
   * One stored batch of a trace. Immutable.
   *
   * @param traceparent W3C trace context of the batch; empty for none
   * @param topic its name
   * @param partition from 0
   * @param readings of the batch
   * @param startEpochNanos when it was received, Unix nanoseconds
   * @param endEpochNanos when it was durable, Unix nanoseconds
   */
  record AppendSpan(
      String traceparent,
      String topic,
      int partition,
      int readings,
      long startEpochNanos,
      long endEpochNanos) {}
}
