package dev.weir.service.catalog;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.DiskFullException;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.CountingOutput;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.CheckpointState;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.RecordType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one owner of the system partition: stores its events in rounds and folds them into the topics
 * and the committed cursors once they are durable. Events come from any thread; everything else is
 * owned by the system thread.
 */
@OwnedBy("system thread")
public final class SystemLog {
  private static final Logger logger = LoggerFactory.getLogger(SystemLog.class);

  /** A checkpoint is due after this part of a data partition's interval: the fold is small. */
  private static final int CHECKPOINT_PART = 16;

  /** The bytes that a record takes besides its events, about. */
  private static final int RECORD_BYTES = 128;

  /**
   * The parts that the log works with.
   *
   * @param limits its bounds
   * @param executor runs tasks one at a time, in order; they block on disk
   * @param epochNanos the server's clock, Unix nanoseconds
   * @param budget is charged committed cursors
   */
  public record Setting(Limits limits, Executor executor, LongSupplier epochNanos, Budget budget) {}

  private record Entry(SystemEvent event, Slice bytes, Consumer<Optional<Fault>> done) {}

  private final PartitionLog log;
  private final Setting setting;
  private final TopicStore topics;
  private final CursorStore cursors;
  private final ArrayBlockingQueue<Entry> queue;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile boolean closing;
  private List<Entry> round = List.of();
  private volatile boolean poisoned;
  private long bytesSinceCheckpoint;
  private long checkpointBytes;

  private SystemLog(PartitionLog log, Setting setting) {
    this.log = log;
    this.setting = setting;
    topics = new TopicStore(this);
    cursors = new CursorStore(this, setting);
    queue = new ArrayBlockingQueue<>(setting.limits().getInt(Limit.SYSTEM_QUEUE_EVENTS));
  }

  /** Rebuilds the topics and cursors from the claimed system partition. Blocks on disk. */
  public static SystemLog open(PartitionLog log, Setting setting) throws IOException {
    SystemLog opened = new SystemLog(log, setting);
    opened.replay();
    return opened;
  }

  private void replay() throws IOException {
    Optional<Checkpoint> checkpoint = log.checkpoint();
    long from = 0;
    if (checkpoint.isPresent()) {
      from = checkpoint.get().offset();
      SystemEventCodec.read(checkpoint.get().state()).forEach(this::apply);
    }
    if (from < log.startOffset()) {
      throw new DataLossException(
          "the system partition begins at offset "
              + log.startOffset()
              + " and has no checkpoint for what is before: topics and cursors are lost");
    }
    try (LogReader reader = log.read(from, true)) {
      for (LogItem item = reader.next(); item != null; item = reader.next()) {
        if (item instanceof DamagedRange damaged) {
          throw new DataLossException(
              "the list of topics and cursors is damaged: " + damaged.detail());
        }
        Slice events = ((LogRecord) item).batch();
        SystemEventCodec.read(events).forEach(this::apply);
        bytesSinceCheckpoint += events.length();
      }
    }
  }

  /** Returns whether a failed sync stopped it. Any thread. */
  public boolean poisoned() {
    return poisoned;
  }

  /** Returns whether the disk has room for more than upkeep. Any thread; never blocks. */
  public boolean hasRoom() {
    return log.hasRoom();
  }

  private void apply(SystemEvent event) {
    topics.apply(event);
    cursors.apply(event);
  }

  /** The topics. */
  public TopicStore topics() {
    return topics;
  }

  /** The committed cursors. */
  public CursorStore cursors() {
    return cursors;
  }

  /**
   * Stores an event. Any thread; never blocks.
   *
   * @param done told on the system thread, once the event is stored and folded; or why it is not,
   *     perhaps on the caller's thread
   */
  void append(SystemEvent event, Consumer<Optional<Fault>> done) {
    Entry entry = new Entry(event, SystemEventCodec.write(event), done);
    boolean taken = !closing && queue.offer(entry);
    if (taken && !(closing && queue.remove(entry))) { // it may have looked for the last time
      schedule();
    } else if (closing) {
      refuse(done, Fault.of(ErrorCode.SHUTTING_DOWN, "The server is stopping. Reconnect."));
    } else {
      refuse(done, overloaded());
    }
  }

  private static void refuse(Consumer<Optional<Fault>> done, Fault fault) {
    done.accept(Optional.of(fault));
  }

  /** Tells that too much waits to be stored here. */
  Fault overloaded() {
    return Fault.of(
            ErrorCode.OVERLOADED,
            "As many changes wait to be stored as "
                + setting.limits().told(Limit.SYSTEM_QUEUE_EVENTS)
                + " allows. Retry after the delay.")
        .retryAfter(retryDelay());
  }

  private Duration retryDelay() {
    return Duration.ofMillis(setting.limits().get(Limit.RETRY_DELAY_MS));
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      setting.executor().execute(this::step);
    }
  }

  private void step() {
    scheduled.set(false);
    if (!round.isEmpty() || closed.isDone()) {
      return; // a round's completion goes on
    }
    Slice batch = gather();
    if (round.isEmpty()) {
      goOn();
    } else if (poisoned) {
      finish(new AppendOutcome.Unknown(new IOException("stopped before")), 0);
    } else {
      append(batch);
    }
  }

  private void append(Slice batch) {
    try {
      log.append(
          List.of(record(batch)),
          outcome -> setting.executor().execute(() -> finish(outcome, batch.length())));
    } catch (RuntimeException defect) { // nothing may stand on a round cut short
      finish(new AppendOutcome.Unknown(defect), 0);
    }
  }

  private Slice gather() {
    Limits limits = setting.limits();
    List<Entry> next = new ArrayList<>();
    var bytes = new ByteArrayOutputStream();
    while (bytes.size() < limits.get(Limit.COMMIT_ROUND_BYTES_MAX)
        && next.size() < limits.getInt(Limit.COMMIT_ROUND_REQUESTS_MAX)
        && !queue.isEmpty()) {
      Entry entry = queue.poll();
      if (entry == null) {
        break; // taken back by its owner
      }
      next.add(entry);
      bytes.write(entry.bytes().array(), entry.bytes().offset(), entry.bytes().length());
    }
    round = next;
    return Slice.of(bytes.toByteArray());
  }

  private LogRecord record(Slice batch) {
    return new LogRecord(
        log.endOffset(),
        log.epoch(),
        Math.max(setting.epochNanos().getAsLong(), log.lastAppendTimeNanos()),
        RecordType.SYSTEM,
        "",
        0,
        0,
        0,
        0,
        0,
        0,
        Slice.EMPTY,
        batch);
  }

  private void finish(AppendOutcome outcome, int bytes) {
    List<Entry> finished = round;
    round = List.of();
    Optional<Fault> fault = fault(outcome);
    if (fault.isEmpty()) {
      finished.forEach(entry -> apply(entry.event()));
      bytesSinceCheckpoint += bytes + RECORD_BYTES;
    }
    for (Entry entry : finished) {
      try {
        entry.done().accept(fault);
      } catch (RuntimeException failed) { // must not keep the others from their answer
        logger.error(
            "A caller of the system partition failed on its answer. This is a defect; report it with"
                + " the stack.",
            failed);
      }
    }
    goOn();
  }

  private Optional<Fault> fault(AppendOutcome outcome) {
    if (outcome instanceof AppendOutcome.NotStored failed) {
      logger.warn(
          "The server could not store a change of topics or cursors: {}. The client was told to"
              + " retry.",
          failed.cause().toString());
      ErrorCode code =
          failed.cause() instanceof DiskFullException
              ? ErrorCode.DISK_FULL
              : ErrorCode.STORE_FAILED;
      return Optional.of(
          Fault.of(
                  code,
                  "The server could not store the change: "
                      + failed.cause().getMessage()
                      + ". Retry after the delay; if this stays, ask the operator to check the"
                      + " disk.")
              .retryAfter(retryDelay()));
    }
    if (outcome instanceof AppendOutcome.Unknown unknown) {
      if (!poisoned) {
        poisoned = true;
        logger.error(
            "The system partition stopped after a failed write or sync: no topic can be created,"
                + " changed or deleted, and no cursor committed. Check the disk, then restart the"
                + " server.",
            unknown.cause());
      }
      return Optional.of(
          Fault.of(
              ErrorCode.PARTITION_UNAVAILABLE,
              "The server stores no changes of topics or cursors, because a write or sync of them"
                  + " failed. Ask the operator to check the disk and to restart the server."));
    }
    return Optional.empty();
  }

  private void goOn() {
    long due = setting.limits().get(Limit.CHECKPOINT_INTERVAL_BYTES) / CHECKPOINT_PART;
    if (bytesSinceCheckpoint >= Math.max(due, checkpointBytes)) {
      checkpoint();
    }
    if (!queue.isEmpty()) {
      schedule();
    } else if (closing) {
      end();
    }
  }

  /** Keeps the folds, and lets go of the events they make unnecessary. */
  private void checkpoint() {
    List<PartitionLog.EpochStart> epochs = log.epochs();
    if (poisoned || epochs.isEmpty()) {
      return;
    }
    long due = bytesSinceCheckpoint;
    bytesSinceCheckpoint = 0;
    try {
      long epoch = epochs.get(epochs.size() - 1).epoch();
      CheckpointState state = SystemEventCodec.state(topics, cursors);
      var size = new CountingOutput();
      state.writeTo(size);
      checkpointBytes = size.bytes();
      log.checkpoint(new Checkpoint(epoch, log.endOffset(), 0, Slice.EMPTY), state);
      log.retain(new PartitionLog.Retention(Long.MAX_VALUE, 0));
    } catch (IOException | RuntimeException failed) {
      bytesSinceCheckpoint = due / 2; // again soon, and not for every event
      logger.warn(
          "The server could not write the checkpoint of the system partition. It tries again after"
              + " more changes.",
          failed);
    }
  }

  private void end() {
    if (closed.isDone()) {
      return;
    }
    checkpoint();
    try {
      log.close();
      closed.complete(null);
    } catch (IOException | RuntimeException failed) {
      closed.completeExceptionally(failed);
    }
  }

  /** Stores what was taken, writes a checkpoint and closes the log. Blocks. */
  public void close() throws IOException {
    closing = true;
    schedule();
    try {
      closed.join();
    } catch (CompletionException failed) {
      throw new IOException("the system partition could not be closed", failed.getCause());
    }
  }
}
