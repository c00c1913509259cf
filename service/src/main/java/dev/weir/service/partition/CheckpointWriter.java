package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.core.CountingOutput;
import dev.weir.service.core.Slice;
import dev.weir.service.core.TaskErrors;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.CheckpointState;
import dev.weir.service.log.CheckpointTooLargeException;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the checkpoints of one partition, one at a time. Asked by the partition's writer, which
 * takes what it must read at once; the rest is folded, encoded and written on a background thread.
 */
@OwnedBy("partition writer")
final class CheckpointWriter {
  private static final Logger logger = LoggerFactory.getLogger(CheckpointWriter.class);

  /** The bytes that a record takes besides its content, about. */
  private static final int RECORD_BYTES = 128;

  /** Intervals, at the most, between two tries of one that is too large. */
  private static final int RETRY_INTERVALS_MAX = 16;

  private final String topic;
  private final int number;
  private final PartitionLog log;
  private final Partition.Folds folds;
  private final Executor background;
  private final long intervalBytesLeast;
  private volatile boolean owed;

  /** True if the start found a kept checkpoint missing or damaged. */
  private volatile boolean lacking;

  private volatile boolean tooLarge;

  /** Bytes of log between one that was too large and the next try. */
  private volatile long retryBytes;

  /** Bytes of log since the last one was begun. */
  private long bytesSince;

  /** The newest one has all that is stored before this offset; -1 where nobody knows. */
  private volatile long wholeOffset = -1;

  /** The bytes of state in the last checkpoint written. */
  private volatile long stateBytes;

  CheckpointWriter(
      String topic, int number, PartitionLog log, Partition.Folds folds, PartitionContext setting) {
    this.topic = topic;
    this.number = number;
    this.log = log;
    this.folds = folds;
    this.background = setting.background();
    this.intervalBytesLeast = setting.limits().get(Limit.CHECKPOINT_INTERVAL_BYTES);
  }

  /** The state that the writer must read now; the sensors are encoded later, off its thread. */
  private record PendingState(long epoch, Position head, int sensors, Slice producers) {}

  /**
   * Bytes of log after which the next one is due: checkpoint_interval_bytes, or as many as the last
   * one has, so that checkpoints never write more than the log does.
   */
  private long intervalBytes() {
    return Math.max(intervalBytesLeast, stateBytes);
  }

  /** Counts what was committed, and returns whether the next one is due. */
  boolean isDueAfter(CommitRound committed) {
    bytesSince += committed.bytes();
    for (LogRecord record : committed.records()) {
      bytesSince += RECORD_BYTES + record.producer().length();
    }
    return bytesSince >= intervalBytes();
  }

  /** The next one is due with the next commit. Before any is written. */
  void dueSoon() {
    bytesSince = intervalBytesLeast;
  }

  /** One of those that are kept is missing: it is owed. Before any is written. */
  void lacksOne() {
    lacking = true;
  }

  /**
   * Returns whether a checkpoint may be written while the partition goes on. After one that was too
   * large the log must have grown by an interval first, then by two, four and so on.
   */
  boolean mayTry() {
    return !tooLarge || bytesSince >= retryBytes;
  }

  /** The one that was found has all that is stored before an offset. Before any is written. */
  void hasAll(long offset) {
    wholeOffset = offset;
  }

  /**
   * Returns whether a checkpoint written now would say the same as the newest, or be too large
   * again.
   */
  boolean isNeedless(long offset) {
    return wholeOffset == offset && !isOwed() || tooLarge && bytesSince == 0;
  }

  /**
   * Returns whether the last checkpoint was too large, so that retention lets nothing go. Any
   * thread.
   */
  boolean isTooLarge() {
    return tooLarge;
  }

  /** Returns whether the last checkpoint was not written, or a kept one is missing. Any thread. */
  boolean isOwed() {
    return owed || lacking;
  }

  /**
   * Writes a checkpoint of this moment, once the last values are there; none where they are too
   * large for one.
   *
   * @param head the committed end now
   * @param stopped whether a failed sync has stopped the partition by then: nothing is written
   * @param done told on a background thread, whatever came of it
   */
  void write(Position head, BooleanSupplier stopped, Runnable done) {
    bytesSince = 0;
    List<PartitionLog.EpochStart> epochs = log.epochs();
    long epoch = epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).epoch();
    Slice producers = Slice.of(folds.producers().toBytes());
    PendingState lazy = new PendingState(epoch, head, folds.catalog().count(number), producers);
    folds
        .latest()
        .cutAt(head.offset())
        .whenCompleteAsync(
            (cut, failed) -> {
              try {
                if (!stopped.getAsBoolean()) {
                  save(lazy, cut, failed);
                }
              } catch (Error fatal) { // the future would keep it to itself
                TaskErrors.rethrow(fatal, background::execute);
                throw fatal;
              } finally {
                done.run();
              }
            },
            background);
  }

  private void save(PendingState lazy, PositionedCut cut, Throwable noCut) {
    try {
      if (cut == null) {
        throw new IOException("the last values could not be folded", noCut);
      }
      Position head = lazy.head();
      CheckpointState state =
          PartitionFold.state(folds.catalog(), number, lazy.sensors(), lazy.producers(), cut);
      var size = new CountingOutput();
      state.writeTo(size);
      log.checkpoint(
          new Checkpoint(lazy.epoch(), head.offset(), head.readingsBefore(), Slice.EMPTY), state);
      stateBytes = size.bytes();
      wholeOffset = cut.position().offset() == head.offset() ? head.offset() : -1;
      owed = false;
      lacking = false;
      if (tooLarge) {
        tooLarge = false;
        logger.info(
            "Partition {}/{} has written a checkpoint again, and retention goes on.",
            topic,
            number);
      }
    } catch (CheckpointTooLargeException failed) {
      owed = false;
      lacking = false;
      refuse(failed);
    } catch (IOException | RuntimeException failed) {
      if (!owed) {
        logger.warn(
            "Partition {}/{} could not write a checkpoint. It tries again with each check of"
                + " retention.",
            topic,
            number,
            failed);
      }
      owed = true;
    }
  }

  private void refuse(CheckpointTooLargeException failed) {
    long interval = intervalBytes();
    if (tooLarge) {
      retryBytes = Math.min(2 * retryBytes, RETRY_INTERVALS_MAX * interval);
      return;
    }
    retryBytes = interval;
    tooLarge = true;
    logger.error(
        "Partition {}/{} cannot write a checkpoint: {} Retention keeps its segments, and a start"
            + " replays all records since the last checkpoint. It tries again after {} bytes, then"
            + " more seldom, and at the stop. Publish new sensors to a topic with more partitions,"
            + " or use fewer producers.",
        topic,
        number,
        failed.getMessage(),
        interval);
  }
}
