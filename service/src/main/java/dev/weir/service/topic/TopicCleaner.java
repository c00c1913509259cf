package dev.weir.service.topic;

import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.catalog.TopicStore;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.partition.Partition;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what topics do not keep: old records, and the logs of deleted topics. Thread-safe: one
 * thread at a time is at the records of a topic, and a log is deleted once its partitions are
 * closed. Deleting blocks on disk.
 */
final class TopicCleaner {
  private static final Logger logger = LoggerFactory.getLogger(TopicCleaner.class);

  private final TopicLifecycle.Engines engines;
  private final TopicStore store;
  private final Limits limits;

  TopicCleaner(TopicLifecycle.Engines engines, TopicStore store, Limits limits) {
    this.engines = engines;
    this.store = store;
    this.limits = limits;
  }

  /** Most bytes of each partition of a topic. Any thread. */
  long bytesMax(TopicSettings of) {
    Limit byDefault = of.memory() ? Limit.MEMORY_TOPIC_BYTES : Limit.RETENTION_BYTES;
    return of.maxBytes() == 0 ? limits.get(byDefault) : of.maxBytes();
  }

  /**
   * Returns the terms of retention of a topic's log. Any thread.
   *
   * @param nowNanos by the clock that its records are appended by
   */
  PartitionLog.Retention terms(TopicSettings of, long nowNanos) {
    long oldest = of.maxAgeNanos() == 0 ? Long.MIN_VALUE : nowNanos - of.maxAgeNanos();
    return new PartitionLog.Retention(oldest, bytesMax(of));
  }

  /** Deletes what a topic need not keep; where another thread is at it, that one does it again. */
  void retain(ServedTopic topic) {
    topic.retain(() -> retainAll(topic));
  }

  private void retainAll(ServedTopic topic) {
    for (Partition partition : topic.partitions()) {
      try {
        if (!partition.closing()) {
          boolean waits =
              partition.log().retain(terms(topic.info().settings(), partition.appendNanos()));
          partition.followRetention();
          partition.repeatCheckpoint();
          if (waits) {
            topic.requestCheckpoint(partition.number());
          }
        }
      } catch (IOException | RuntimeException failed) {
        if (!partition.closing()) {
          logger.warn(
              "Retention of partition {}/{} failed. The next check of retention tries again.",
              topic.info().name(),
              partition.number(),
              failed);
        }
      }
    }
  }

  /** Deletes what was made of a topic that was not stored. Any thread. */
  void unmake(TopicInfo info) {
    try {
      delete(info);
    } catch (IOException | RuntimeException failed) {
      logger.warn(
          "Topic {} was not created, and its empty log {} is left. The next start deletes it.",
          info.name(),
          info.partition(0).log(),
          failed);
    }
  }

  /** Deletes what was made of topics that a crash kept from being stored. At the start. */
  void sweep() {
    Set<String> logs = new HashSet<>();
    store.all().forEach(topic -> logs.add(topic.partition(0).log()));
    store.deleted().forEach(topic -> logs.add(topic.partition(0).log()));
    engines.synced().sweep(logs);
    engines.buffered().sweep(logs); // does nothing where the store is the same
    engines.memory().sweep(logs);
  }

  private void delete(TopicInfo info) throws IOException {
    for (int p = 0; p < info.partitionCount(); p++) {
      engines.of(info).delete(info.partition(p));
    }
  }

  /** Deletes the log of a topic that is deleted. */
  void purge(TopicInfo info) {
    try {
      delete(info);
      store.purged(info);
    } catch (IOException | RuntimeException failed) {
      logger.warn(
          "The log of the deleted topic {} could not be deleted. The next start tries again.",
          info.name(),
          failed);
    }
  }
}
