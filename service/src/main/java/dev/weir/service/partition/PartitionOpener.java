package dev.weir.service.partition;

import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.config.Limit;
import dev.weir.service.core.sequence.ProducerTable;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.tail.PartitionTail;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rebuilds partitions from their claimed logs. Stateless. */
public final class PartitionOpener {
  private static final Logger logger = LoggerFactory.getLogger(PartitionOpener.class);

  /** A newest record that is further ahead of the clock than this is told to the operator. */
  private static final long AHEAD_TOLD_NANOS = 1_000_000_000L;

  private PartitionOpener() {}

  /** Rebuilds a partition from its claimed log. Blocks on disk. */
  public static Partition open(
      TopicInfo topic,
      int number,
      PartitionLog log,
      PartitionTail tail,
      SensorCatalog catalog,
      PartitionContext setting)
      throws IOException {
    var producers =
        new ProducerTable(
            setting.limits().getInt(Limit.PRODUCERS_PER_TOPIC_MAX),
            Duration.ofDays(setting.limits().get(Limit.PRODUCER_IDLE_DAYS)).toNanos(),
            setting.sequenceRule());
    var values =
        new LastValuesFold(
            number,
            topic.partitionCount(),
            setting.limits().getInt(Limit.LATEST_VALUE_BYTES_MAX),
            setting.latestBudget());
    PartitionFold.Restored restored = restore(log, number, catalog, producers, values);
    String name = topic.name() + "/" + number;
    tell(name, log, restored, setting);
    var latest =
        new LastValuesFollower(
            name, tail, log, setting, () -> catalog.count(number), values, restored.latest());
    tail.watch(latest);
    latest.committed(); // it has to follow up to the head
    Partition.Folds folds = new Partition.Folds(catalog, producers, latest);
    return new Partition(topic, number, log, tail, folds, restored, setting);
  }

  private static PartitionFold.Restored restore(
      PartitionLog log,
      int number,
      SensorCatalog catalog,
      ProducerTable producers,
      LastValuesFold values)
      throws IOException {
    try {
      return PartitionFold.restore(log, number, catalog, producers, values);
    } catch (IOException | RuntimeException failed) {
      values.close(); // it gives its bytes back
      throw failed;
    }
  }

  private static void tell(
      String name, PartitionLog log, PartitionFold.Restored restored, PartitionContext setting) {
    logger.info(
        "Partition {} is ready in epoch {}: it has offsets {} to {} and {} readings, and replayed"
            + " {} records of {} bytes.",
        name,
        log.epoch(),
        log.startOffset(),
        log.endOffset(),
        log.endReadings(),
        restored.records(),
        restored.bytes());
    long clock = setting.epochNanos().getAsLong();
    if (log.lastAppendTimeNanos() > clock + AHEAD_TOLD_NANOS) {
      logger.warn(
          "The newest record of partition {} is {} ahead of the clock. Until the clock has caught"
              + " up, append times go on from there at half the speed.",
          name,
          Duration.ofNanos(log.lastAppendTimeNanos() - clock));
    }
  }
}
