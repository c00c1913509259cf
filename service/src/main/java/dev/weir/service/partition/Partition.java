package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.AppendClock;
import dev.weir.service.core.BoundedQueue;
import dev.weir.service.core.CallerRunsExecutor;
import dev.weir.service.core.TaskErrors;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.sequence.ProducerTable;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.tail.PartitionTail;
import dev.weir.service.tail.TailRecord;
import dev.weir.service.telemetry.Meters;
import dev.weir.service.wire.columns.SensorIdSet;
import dev.weir.service.wire.protobuf.DeliveryBatchPrefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition: takes requests in order, commits them in rounds, and hands what is committed to
 * its tail. Requests come from any thread; everything else is owned by the partition's writer.
 */
@OwnedBy("partition writer")
public final class Partition {
  private static final Logger logger = LoggerFactory.getLogger(Partition.class);

  /** A reading takes about so much in the log, at the least. */
  private static final int READING_BYTES = 8;

  /** Tasks that wait for the writer at most: a step, and the end of an append. */
  private static final int TASKS_MAX = 2;

  /** The state that is folded from the log. */
  record Folds(SensorCatalog catalog, ProducerTable producers, LastValuesFollower latest) {}

  private final TopicInfo topic;
  private final int number;
  private final PartitionLog log;
  private final PartitionTail tail;
  private final PartitionContext setting;
  private final Executor writer;

  /** The same, for small batches of a topic in memory, which never wait; else null. */
  private final CallerRunsExecutor callers;

  private final Limits limits;
  private final RequestSequencer intake;
  private final ProducerTable producers;
  private final CommitRoundOutcomeLogger outcomes;
  private final LastValuesFollower latest;
  private final AppendClock appendClock;
  private final CheckpointWriter checkpoints;
  private final BoundedQueue<PartitionRequest> queue;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicBoolean checkpointing = new AtomicBoolean();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile boolean closing;
  private volatile boolean checkpointWanted;
  private volatile boolean poisoned;
  private CommitRound round;
  private boolean ended;
  private long roundStartNanos;
  private long lastAppendNanos;
  private long bytesStored; // since it was opened
  private final PartitionFold.Restored replayed;

  /** {@link PartitionOpener} makes it. */
  Partition(
      TopicInfo topic,
      int number,
      PartitionLog log,
      PartitionTail tail,
      Folds folds,
      PartitionFold.Restored restored,
      PartitionContext setting) {
    this.topic = topic;
    this.number = number;
    this.log = log;
    this.tail = tail;
    this.setting = setting;
    this.callers = topic.memory() ? new CallerRunsExecutor(setting.writer(), TASKS_MAX) : null;
    this.writer = callers == null ? setting.writer() : callers;
    this.limits = setting.limits();
    this.latest = folds.latest();
    this.producers = folds.producers();
    this.outcomes = new CommitRoundOutcomeLogger(topic.name() + "/" + number);
    this.intake =
        new RequestSequencer(
            new RequestSequencer.Terms(topic.name(), number, log.epoch(), log, limits),
            producers,
            folds.catalog());
    this.checkpoints = new CheckpointWriter(topic.name(), number, log, folds, setting);
    this.queue = new BoundedQueue<>(limits.getInt(Limit.PARTITION_QUEUE_REQUESTS));
    this.lastAppendNanos = log.lastAppendTimeNanos();
    this.appendClock = new AppendClock(setting.epochNanos(), lastAppendNanos);
    this.replayed = restored;
    if (restored.whole()) {
      checkpoints.hasAll(log.endOffset());
    }
    if (log.lacksCheckpoint()) {
      checkpoints.lacksOne();
    }
    if (restored.records() > 0) {
      // A checkpoint is due, or processes that end in a kill would leave more to replay each time.
      checkpoints.dueSoon();
    }
  }

  /** Its number in the topic. */
  public int number() {
    return number;
  }

  /** Its recent records and its head. Thread-safe. */
  public PartitionTail tail() {
    return tail;
  }

  /** Its stored records, for readers. Thread-safe as {@link PartitionLog} says. */
  public PartitionLog log() {
    return log;
  }

  /** Its last values. Thread-safe. */
  public LastValuesFollower latest() {
    return latest;
  }

  /** The time by which its records are appended and grow old. Any thread. */
  public long appendNanos() {
    return appendClock.getAsLong();
  }

  /** Its producers; only until it takes requests. */
  public ProducerTable producers() {
    return producers;
  }

  /** See {@link ProducerTable#fence}; only until it takes requests. */
  public void fence(String producer, long epoch) {
    intake.fence(producer, epoch);
  }

  /** Returns the part of its log that was read again when it was opened. */
  public PartitionFold.Restored replayed() {
    return replayed;
  }

  /** The epoch of this start. */
  public long epoch() {
    return log.epoch();
  }

  /** Returns whether a failed sync stopped it. Any thread. */
  public boolean poisoned() {
    return poisoned || log.poisoned(); // a sync in the background may have failed since
  }

  /** Returns whether it takes no more requests because the server stops. Any thread. */
  public boolean closing() {
    return closing;
  }

  /**
   * Hands a request to the writer. Any thread; never blocks. A small batch of a topic in memory may
   * be stored, and its reply run, before this returns.
   *
   * @return false if the queue is full or the partition is closing: nothing was taken
   */
  public boolean offer(PartitionRequest request) {
    if (closing || !queue.offer(request)) {
      return false;
    }
    if (closing && queue.remove(request)) {
      return false; // the writer may have looked for the last time
    }
    if (callers != null && request.isQuick(limits.getInt(Limit.INLINE_CHECK_BYTES_MAX))) {
      scheduleHere();
    } else {
      schedule();
    }
    return true;
  }

  /** Writes a checkpoint soon, so that retention may let more go. Any thread. */
  public void requestCheckpoint() {
    checkpointWanted = true;
    schedule();
  }

  /** Returns whether it can write checkpoints, which retention needs. Any thread. */
  public boolean checkpointed() {
    return !checkpoints.isTooLarge();
  }

  /** Writes the checkpoint that could not be written, or was lost, if any. Any thread. */
  public void repeatCheckpoint() {
    if (checkpoints.isOwed()) {
      requestCheckpoint();
    }
  }

  /**
   * Takes no more requests, finishes those taken, writes a checkpoint on disk where the last one
   * has not all of it, and closes the log. Any thread; the future completes on the writer or a
   * background thread.
   */
  public CompletableFuture<Void> close() {
    closing = true;
    schedule();
    return closed;
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      writer.execute(this::step);
    }
  }

  private void scheduleHere() {
    if (scheduled.compareAndSet(false, true)) {
      callers.executeHere(() -> step(CommitRound.quick(limits)));
    }
  }

  private void step() {
    step(CommitRound.whole(limits));
  }

  private void step(CommitRound next) {
    scheduled.set(false);
    if (round != null || ended) {
      return; // a round's completion steps again
    }
    round = next;
    AppendOutcome known;
    try {
      gather(next);
      known = append(next);
    } catch (RuntimeException defect) {
      // nothing may stand on a round cut short
      known = unknown(defect);
    }
    if (known != null) {
      finish(known);
    }
  }

  private void gather(CommitRound next) {
    lastAppendNanos = Math.max(lastAppendNanos, appendClock.getAsLong());
    Position head = tail.head();
    intake.begin(head.offset(), head.readingsBefore(), lastAppendNanos, poisoned());
    for (PartitionRequest request = poll(next);
        request != null;
        request = next.full() ? null : poll(next)) {
      take(request, next);
    }
  }

  private PartitionRequest poll(CommitRound next) {
    PartitionRequest first = queue.peek();
    return first != null && next.takes(first) ? queue.poll() : null;
  }

  private void take(PartitionRequest request, CommitRound next) {
    try {
      intake.take(request, next);
    } catch (RuntimeException defect) {
      next.whenSettled(
          outcome -> request.unknown(intake.stoppedFault())); // it holds memory till then
      throw defect;
    }
  }

  /** Appends a round; the outcome where it is known at once, or null. */
  private AppendOutcome append(CommitRound gathered) {
    if (gathered.isEmpty()) {
      return new AppendOutcome.Committed();
    }
    if (poisoned) {
      return new AppendOutcome.Unknown(new IOException("the partition was stopped before"));
    }
    roundStartNanos = setting.epochNanos().getAsLong();
    gathered.whenSettled(outcome -> count(outcome, gathered));
    log.append(gathered.records(), outcome -> writer.execute(() -> finish(outcome)));
    return null;
  }

  private void finish(AppendOutcome appended) {
    CommitRound finished = round;
    round = null;
    AppendOutcome outcome = appended;
    try {
      conclude(outcome, finished);
    } catch (RuntimeException defect) {
      outcome = unknown(defect); // it may be stored, and is not shown: nothing may come behind it
      intake.doubt();
    }
    outcomes.tell(outcome, finished.records().size());
    if (outcome instanceof AppendOutcome.Unknown) {
      poisoned = true;
    }
    for (Consumer<AppendOutcome> settlement : finished.settlements()) {
      try {
        settlement.accept(outcome);
      } catch (RuntimeException defect) {
        logger.error(
            "A caller of partition {}/{} failed on its answer. This is a defect; report it with the"
                + " stack.",
            topic.name(),
            number,
            defect);
      }
    }
    goOn();
  }

  private void conclude(AppendOutcome outcome, CommitRound finished) {
    if (outcome instanceof AppendOutcome.Committed) {
      intake.commit();
      if (!finished.isEmpty()) {
        publish(finished);
      }
    } else if (outcome instanceof AppendOutcome.Unknown) {
      intake.doubt();
    } else {
      intake.rollback();
    }
  }

  private static AppendOutcome unknown(RuntimeException defect) {
    return new AppendOutcome.Unknown(defect);
  }

  private void count(AppendOutcome outcome, CommitRound committed) {
    if (!(outcome instanceof AppendOutcome.Committed)) {
      return;
    }
    Meters meters = setting.meters();
    long now = setting.epochNanos().getAsLong();
    meters.committed(
        topic.name(), committed.records().size(), committed.bytes(), now - roundStartNanos);
    for (CommitRound.Trace trace : committed.traces()) {
      meters.appended(
          new Meters.AppendSpan(
              trace.traceparent(), topic.name(), number, trace.readings(), roundStartNanos, now));
    }
  }

  private void publish(CommitRound committed) {
    List<TailRecord> entries = new ArrayList<>(committed.records().size());
    for (LogRecord record : committed.records()) {
      TailRecord entry =
          new TailRecord(
              record,
              DeliveryBatchPrefix.prefix(record.batch().length()),
              SensorIdSet.distinctOnce(record.batch()),
              bytesStored);
      bytesStored = entry.bytesAfter();
      entries.add(entry);
    }
    tail.append(entries);
    followRetention();
    if (checkpoints.isDueAfter(committed) && !topic.memory()) {
      checkpointWanted = true;
    }
  }

  /** The tail of a partition in memory is its store, and holds nothing that its log let go. */
  public void followRetention() {
    if (topic.memory()) {
      tail.dropBefore(log.startOffset());
    }
  }

  private void goOn() {
    if (checkpointWanted && checkpoints.mayTry() && checkpointing.compareAndSet(false, true)) {
      checkpointWanted = false;
      checkpoints.write(
          tail.head(),
          this::poisoned,
          () -> {
            checkpointing.set(false);
            if (closing || checkpointWanted) {
              schedule(); // that waits for this
            }
          });
    }
    boolean stop = closing; // before: who found it unset has queued its request by then
    if (!queue.isEmpty()) {
      schedule();
    } else if (stop && checkpointing.compareAndSet(false, true)) {
      ended = true;
      if (topic.memory() || checkpoints.isNeedless(tail.head().offset())) {
        closeLog();
      } else if (latest.lagReadings()
          > limits.get(Limit.CHECKPOINT_INTERVAL_BYTES) / READING_BYTES) {
        logger.info(
            "Partition {}/{} closes without a checkpoint, because its last values are {} readings"
                + " behind.",
            topic.name(),
            number,
            latest.lagReadings());
        closeLog();
      } else {
        checkpoints.write(tail.head(), this::poisoned, this::closeLog);
      }
    }
  }

  private void closeLog() {
    latest
        .close()
        .whenCompleteAsync(
            (stopped, never) -> {
              try {
                log.close();
                closed.complete(null);
              } catch (IOException | RuntimeException failed) {
                closed.completeExceptionally(failed);
              } catch (Error fatal) { // the future would keep it to itself
                closed.completeExceptionally(fatal);
                TaskErrors.rethrow(fatal, setting.background()::execute);
                throw fatal;
              }
            },
            setting.background());
  }
}
