package dev.weir.service.catalog;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.RecordType;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;

/**
 * The topics, kept as events of the system partition. Reading is thread-safe; creating belongs to
 * one owner, the creator of topics.
 */
@OwnedBy("control pool, under the topics lock")
public final class TopicStore {
  private final PartitionLog log;
  private final LongSupplier epochNanos;
  private final ConcurrentSkipListMap<String, TopicInfo> topics = new ConcurrentSkipListMap<>();

  private TopicStore(PartitionLog log, LongSupplier epochNanos) {
    this.log = log;
    this.epochNanos = epochNanos;
  }

  /**
   * Rebuilds the topics from the claimed system partition. Blocks on disk.
   *
   * @param epochNanos the server's clock, Unix nanoseconds
   */
  public static TopicStore open(PartitionLog log, LongSupplier epochNanos) throws IOException {
    TopicStore store = new TopicStore(log, epochNanos);
    long from = log.startOffset();
    Optional<Checkpoint> checkpoint = log.checkpoint();
    if (checkpoint.isPresent()) {
      TopicEvents.list(checkpoint.get().state()).forEach(store::keep);
      from = Math.max(from, checkpoint.get().offset());
    }
    try (LogReader reader = log.read(from, true)) {
      for (LogItem item = reader.next(); item != null; item = reader.next()) {
        if (item instanceof DamagedRange damaged) {
          throw new DataLossException("the list of topics is damaged: " + damaged.detail());
        }
        TopicEvents.list(((LogRecord) item).batch()).forEach(store::keep);
      }
    }
    return store;
  }

  private void keep(TopicInfo topic) {
    topics.put(topic.name(), topic);
  }

  /** The topic of a name, or null. Any thread. */
  public TopicInfo find(String name) {
    return topics.get(name);
  }

  /** All topics by name. Any thread. */
  public Collection<TopicInfo> all() {
    return topics.values();
  }

  /**
   * Stores a new topic; it is known when this returns. Blocks for the commit.
   *
   * @throws FaultException STORE_FAILED or PARTITION_UNAVAILABLE
   */
  public void create(TopicInfo topic) {
    long now = Math.max(epochNanos.getAsLong(), log.lastAppendTimeNanos());
    var record =
        new LogRecord(
            log.endOffset(),
            log.epoch(),
            now,
            RecordType.SYSTEM,
            "",
            0,
            0,
            0,
            0,
            0,
            0,
            Slice.EMPTY,
            TopicEvents.created(List.of(topic)));
    var done = new CompletableFuture<AppendOutcome>();
    log.append(List.of(record), done::complete);
    AppendOutcome outcome = done.join();
    if (outcome instanceof AppendOutcome.NotStored failed) {
      throw Fault.of(ErrorCode.STORE_FAILED, "the topic could not be stored: " + failed.cause())
          .exception();
    }
    if (outcome instanceof AppendOutcome.Unknown) {
      throw Fault.of(
              ErrorCode.PARTITION_UNAVAILABLE,
              "a sync of the system partition failed; restart the server")
          .exception();
    }
    keep(topic);
  }

  /** Writes a checkpoint and closes the log. Blocks. */
  public void close() throws IOException {
    try {
      List<PartitionLog.EpochStart> epochs = log.epochs();
      if (!epochs.isEmpty()) {
        long epoch = epochs.get(epochs.size() - 1).epoch();
        Slice state = TopicEvents.created(List.copyOf(topics.values()));
        log.checkpoint(new Checkpoint(epoch, log.endOffset(), 0, state));
      }
    } finally {
      log.close();
    }
  }
}
