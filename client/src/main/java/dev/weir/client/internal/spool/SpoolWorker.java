package dev.weir.client.internal.spool;

import com.google.common.base.Throwables;
import dev.weir.client.SpoolOptions;
import dev.weir.client.SpoolStatus;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BatchBounds;
import dev.weir.client.internal.batch.BatchEncoder;
import dev.weir.client.internal.batch.FramePiece;
import dev.weir.client.internal.batch.PartitionBuffer;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.metrics.SpoolMetrics;
import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the spool thread does, one round at a time: takes what was published to the disk, and hands
 * what is on the disk to the session. Owned by the spool thread.
 */
@OwnedBy("spool thread")
final class SpoolWorker {
  /** The result of {@link #step} when there will be nothing more to do. */
  static final long OVER = -1;

  private static final Logger LOG = LoggerFactory.getLogger(SpoolWorker.class);
  private static final long IDLE_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int BATCHES_PER_ROUND = 256;
  private static final byte[] NO_READINGS = {};

  private final Spool spool;
  private final SpoolOptions options;
  private final PublishBuffer intake;
  private final PartitionBuffer gather;
  private final SpoolSensorKeys keys;
  private final LongSupplier clock;
  private final SpoolAccess.Listener events;
  private final BatchEncoder encoder = new BatchEncoder();
  private final SpoolFrameSender handing;
  private final FlushWaiters flushes;
  private final SpoolMetrics meters;
  private final AtomicReference<SpoolStatus> status;

  /** Taken from the gather and not written yet, because there is no room. */
  private ReadingBatch pending;

  private String pendingMark;

  /** Written and not synced yet. */
  private final List<Written> unsynced = new ArrayList<>();

  private long unsyncedSinceNanos;
  private boolean isTrouble;
  private WeirException ending;

  /** A batch in a frame that is not accepted yet. Immutable. */
  private record Written(ReadingBatch batch, long frame) {}

  /**
   * The source of the readings that a worker writes.
   *
   * @param intake the sensors of the publisher
   * @param gather the readings that are not in a frame
   * @param keys the sensors' keys in the spool
   */
  record Input(PublishBuffer intake, PartitionBuffer gather, SpoolSensorKeys keys) {}

  SpoolWorker(
      Spool spool,
      SpoolOptions options,
      Input input,
      LongSupplier clock,
      SpoolMetrics meters,
      AtomicReference<SpoolStatus> status,
      SpoolAccess.Listener events) {
    this.spool = spool;
    this.options = options;
    this.intake = input.intake();
    this.gather = input.gather();
    this.keys = input.keys();
    this.clock = clock;
    this.events = events;
    this.handing = new SpoolFrameSender(spool, keys, events);
    this.flushes = new FlushWaiters(spool, events);
    this.meters = meters;
    this.status = status;
  }

  // ---- what the session tells

  void onOpened(String logId, long epoch, long[] lastSequences, BatchBounds bounds) {
    handing.bound(bounds);
    for (SpoolSequences.Lost lost : spool.opened(logId, epoch, lastSequences)) {
      events.lost(lost.partition(), lost.from(), lost.through());
    }
  }

  void onStopped(int partition) {
    handing.stop(partition);
  }

  void onRebound(BatchBounds bounds, Map<Integer, Long> resumed) {
    handing.bound(bounds);
    handing.rewind(resumed);
    events.rewound();
  }

  void onStored(int partition, List<FramePiece> pieces, long lastSequence) {
    handing.stored(partition, pieces, lastSequence);
  }

  void onRefused(int partition, FramePiece piece, WeirException cause) {
    flushes.failed(piece.frame(), cause);
    handing.refused(partition, piece);
  }

  void onRenumbered(int partition, long nextSequence) {
    handing.renumbered(partition, nextSequence);
  }

  void onRefusedInPart(long frame, WeirException cause) {
    flushes.failed(frame, cause);
  }

  void onFlush(CompletableFuture<Void> stored) {
    flushes.add(stored, gather.size() + (waitsForRoom() ? 1 : 0));
  }

  void onEnd(WeirException cause) {
    if (ending == null) {
      ending = cause;
    }
  }

  // ---- one round

  /** Does what there is to do; how long to wait then at the most, or {@link #OVER}. */
  long step(List<Consumer<SpoolWorker>> tasks) {
    try {
      runAll(tasks);
      round();
      isTrouble = false;
      if (ending != null && (waitsForRoom() || gather.isEmpty())) {
        end();
        return OVER;
      }
      return waitNanos();
    } catch (WeirException e) {
      fail(e);
      return OVER;
    } catch (IOException e) {
      return onTrouble(e);
    } catch (RuntimeException | Error e) {
      // Also an Error: callers wait for their futures, and somebody for the directory.
      fail(SpoolErrors.failed(options.directory(), e));
      return OVER;
    }
  }

  /** Runs all, also behind one that fails: somebody waits for each. */
  private void runAll(List<Consumer<SpoolWorker>> tasks) {
    Throwable failed = null;
    for (Consumer<SpoolWorker> task : tasks) {
      try {
        task.accept(this);
      } catch (RuntimeException | Error e) {
        failed = failed == null ? e : failed;
      }
    }
    if (failed != null) {
      Throwables.throwIfUnchecked(failed);
    }
  }

  /** A disk that takes nothing more keeps nobody from sending what is on it, which makes room. */
  private void round() throws IOException {
    IOException trouble = null;
    try {
      take();
    } catch (IOException e) {
      trouble = e;
    }
    handing.handOver();
    try {
      spool.release(trouble != null);
    } catch (IOException e) {
      trouble = e;
    }
    status.set(spool.status()); // before anybody is told
    tellLosses();
    flushes.settle();
    if (trouble != null) {
      throw trouble;
    }
  }

  private boolean waitsForRoom() {
    return pending != null || pendingMark != null;
  }

  /** Takes what was published to the disk. */
  private void take() throws IOException {
    boolean all = false;
    try {
      for (int i = 0; i < BATCHES_PER_ROUND && !all; i++) {
        if (!waitsForRoom()) {
          pending = gather.take(true, 0);
        }
        all = pending == null && takeMark();
        boolean waits = pending == null ? !all : !write(pending);
        if (waits) {
          break; // what was published later must not come before it
        }
      }
    } finally {
      boolean due = clock.getAsLong() - unsyncedSinceNanos >= options.syncEvery().toNanos();
      if (!unsynced.isEmpty() && (due || ending != null)) {
        sync();
      }
    }
  }

  /** A position with no reading behind it gets a frame without readings; true when done. */
  private boolean takeMark() throws IOException {
    String mark = pendingMark != null ? pendingMark : gather.takeMark();
    pendingMark = mark;
    if (mark == null) {
      return true;
    }
    SpoolFrame.Mark at = new SpoolFrame.Mark(mark, 0);
    boolean written = spool.append(0, at, sensors(new BitSet()), NO_READINGS, 0, false);
    if (written) {
      pendingMark = null;
      flushes.framed();
      sync();
    }
    return written || full();
  }

  private Spool.Sensors sensors(BitSet used) {
    return new Spool.Sensors(used, keys.given(), keys::sensorOf);
  }

  /** Tells callers why they wait; false. */
  private boolean full() {
    intake.explain(", and the spool is full: " + options.bytesMax() + " bytes");
    return false;
  }

  private boolean write(ReadingBatch batch) throws IOException {
    byte[] body = encoder.encode(batch, keys);
    SpoolFrame.Mark mark =
        batch.position() == null ? null : new SpoolFrame.Mark(batch.position(), batch.positionAt());
    long partitions = keys.partitionsOf(batch, spool.partitionCount());
    try {
      if (!spool.append(
          batch.readings(),
          mark,
          sensors(keys.keysOf(batch)),
          body,
          partitions,
          handing.hasRoom())) {
        return full();
      }
    } catch (IllegalArgumentException e) {
      WeirException cause = SpoolErrors.full(options.directory(), e.getMessage());
      events.refused(batch, cause);
      pending = null;
      flushes.refused(cause);
      return true;
    }
    if (unsynced.isEmpty()) {
      unsyncedSinceNanos = clock.getAsLong();
    }
    unsynced.add(new Written(batch, spool.lastWritten()));
    pending = null;
    flushes.framed();
    return true;
  }

  private void sync() {
    spool.sync();
    status.set(spool.status());
    unsynced.forEach(written -> events.accepted(written.batch(), written.frame()));
    unsynced.clear();
    intake.explain("");
  }

  private void tellLosses() {
    Path directory = options.directory();
    long dropped = spool.losses().takeNewDrops();
    if (dropped > 0) {
      tellLoss(dropped, SpoolErrors.dropped(directory, dropped));
    }
    long damaged = spool.losses().takeNewDamage();
    if (damaged > 0) {
      tellLoss(damaged, SpoolErrors.damaged(directory, damaged));
    }
  }

  private void tellLoss(long readings, WeirException cause) {
    LOG.warn("{}", cause.getMessage());
    meters.lost(readings, cause.reason());
    flushes.failed(0, cause);
    events.dropped(readings, cause);
  }

  private long waitNanos() {
    if (ending != null) {
      return 0;
    }
    if (!unsynced.isEmpty()) {
      long waited = clock.getAsLong() - unsyncedSinceNanos;
      return Math.max(0, options.syncEvery().toNanos() - waited);
    }
    return !waitsForRoom() && !gather.isEmpty() ? 0 : IDLE_NANOS;
  }

  private long onTrouble(IOException e) {
    if (ending != null) {
      fail(SpoolErrors.failed(options.directory(), e));
      return OVER;
    }
    if (!isTrouble) {
      isTrouble = true;
      LOG.warn("the spool in {} cannot write, trying again", options.directory(), e);
      intake.explain(", and the spool cannot write: " + e.getMessage());
    }
    return RETRY_NANOS;
  }

  // ---- the end

  private void end() throws IOException {
    if (waitsForRoom()) {
      refuseRest(SpoolErrors.full(options.directory(), "it is full and the publisher ends"));
    }
    spool.close();
    flushes.end(ending);
    meters.close();
  }

  private void fail(WeirException cause) {
    ending = ending == null ? cause : ending;
    boolean onlyAccepted = spool.abandon();
    intake.end(cause);
    WeirException outcome =
        onlyAccepted ? cause : SpoolErrors.outcomeUnknown(options.directory(), cause);
    for (Written written : unsynced) {
      if (written.frame() <= spool.accepted().frames()) {
        events.accepted(written.batch(), written.frame()); // synced when its file was full
      } else {
        events.refused(written.batch(), outcome);
      }
    }
    unsynced.clear();
    if (pending != null) {
      events.refused(pending, outcome);
      pending = null;
    }
    refuseRest(cause);
    flushes.end(cause);
    meters.close();
    events.failed(cause);
  }

  private void refuseRest(WeirException cause) {
    for (ReadingBatch left = pending == null ? gather.take(true, 0) : pending;
        left != null;
        left = gather.take(true, 0)) {
      events.refused(left, cause);
    }
    pending = null;
  }

  /** Tasks that came while it ended: those who wait are told. */
  void onLate(List<Consumer<SpoolWorker>> tasks) {
    try {
      runAll(tasks);
    } finally {
      flushes.end(ending);
    }
  }

  /** Why the publisher ended; to be asked when it has. */
  WeirException ending() {
    if (ending == null) {
      ending = SpoolErrors.failed(options.directory(), new IllegalStateException("a defect"));
    }
    return ending;
  }
}
