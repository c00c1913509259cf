package dev.weir.client.internal.spool;

import dev.weir.client.PublisherOptions;
import dev.weir.client.SpoolFull;
import dev.weir.client.SpoolOptions;
import dev.weir.client.SpoolStatus;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BatchBounds;
import dev.weir.client.internal.batch.FramePiece;
import dev.weir.client.internal.batch.PartitionBuffer;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.metrics.SpoolMetrics;
import dev.weir.common.file.DataFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * How callers and the loop reach a spool, whose thread does what they leave here. Thread-safe.
 *
 * <p>What waits here is bounded: the loop tells at most what it was handed, and calls of {@code
 * flush} are the caller's.
 */
public final class SpoolAccess {
  private static final String STALE_OPEN = "STALE_OPEN";

  private final PublisherOptions publisher;
  private final SpoolOptions options;
  private final Spool spool;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final Deque<Consumer<SpoolWorker>> tasks = new ArrayDeque<>();
  private final CompletableFuture<Void> over = new CompletableFuture<>();
  private final long recoveredEpoch;
  private final SpoolState.Opener opener;
  private final AtomicReference<SpoolStatus> status;

  private boolean woken;
  private WeirException finished;

  /** Hears what became of readings in the spool. Called on the spool thread. */
  public interface Listener {
    /** Readings that callers published are in a frame, for good. */
    void accepted(ReadingBatch batch, long frame);

    /** Readings that callers published are not in the spool, and never will be. */
    void refused(ReadingBatch batch, WeirException cause);

    /** Readings of an earlier process are stored, as the session says that just opened. */
    void stored(int readings);

    /** Acknowledged batches of an earlier process are no longer stored. */
    void lost(int partition, long fromSequence, long throughSequence);

    /** Readings that were accepted will not be sent. */
    void dropped(long readings, WeirException cause);

    /** Pieces to be sent, in order. */
    void arrived(List<SpooledBatch> pieces);

    /** From here on those come that {@link #rebound} asked for. */
    void rewound();

    /** What {@link #refused} or {@link #renumbered} told of a partition is durable. */
    void durable(int partition);

    /** The publisher has to end. */
    void failed(WeirException cause);

    /** Runs user code behind all that was told before. */
    void post(Runnable event);
  }

  /** A piece of a frame for a partition. Immutable. */
  public record SpooledBatch(int partition, ReadingBatch batch) {}

  private SpoolAccess(PublisherOptions publisher, Spool spool) {
    this.publisher = publisher;
    this.options = publisher.spool().orElseThrow();
    this.spool = spool;
    this.recoveredEpoch = spool.epoch();
    this.opener = spool.opener();
    this.status = new AtomicReference<>(spool.status());
  }

  /**
   * Opens the spool of a publisher. Blocks while it is read.
   *
   * @param newInstance see {@link #instance}, where the spool has none yet
   * @throws WeirException where it cannot be used
   */
  public static SpoolAccess open(DataFiles files, PublisherOptions publisher, long newInstance) {
    SpoolOptions options = publisher.spool().orElseThrow();
    var settings =
        new SpoolSettings(
            publisher.topic(),
            publisher.producerId(),
            newInstance,
            options.bytesMax(),
            options.whenFull() == SpoolFull.DROP_OLDEST);
    try {
      return new SpoolAccess(publisher, Spool.open(files, options.directory(), settings));
    } catch (IOException | UncheckedIOException e) {
      throw SpoolErrors.failed(options.directory(), e);
    }
  }

  /** Makes the sensors that are in the spool, and begins to take from the gather. */
  public void start(
      PublishBuffer intake,
      PartitionBuffer gather,
      LongSupplier clock,
      Consumer<Runnable> threads,
      Listener events) {
    SpoolSensorKeys keys = new SpoolSensorKeys(intake, spool.recoveredSensors(), spool.keys());
    SpoolMetrics meters = new SpoolMetrics(publisher.topic(), publisher.producerId(), this::status);
    SpoolWorker worker =
        new SpoolWorker(
            spool,
            options,
            new SpoolWorker.Input(intake, gather, keys),
            clock,
            meters,
            status,
            events);
    threads.accept(() -> run(worker));
  }

  /** Gives the directory back unused, where the publisher could not be made. */
  public void abandon() {
    try {
      spool.close();
    } catch (IOException | UncheckedIOException e) {
      throw SpoolErrors.failed(options.directory(), e);
    }
  }

  /** The epoch of the producer's session; 0: it had none. */
  public long epoch() {
    return recoveredEpoch;
  }

  /** The number of the publisher object that all processes of this spool are for the server. */
  public long instance() {
    return opener.instance();
  }

  /** Attempts to open a session that may have been made before, and none of this process. */
  public long attemptsBefore() {
    return opener.attemptsBefore();
  }

  /** Returns the failure of a session with what the owner of this spool can do about it. */
  public WeirException explained(WeirException failure) {
    return failure.reason().equals(STALE_OPEN)
        ? SpoolErrors.stale(options.directory(), failure)
        : failure;
  }

  /** Returns the contents of the spool. */
  public SpoolStatus status() {
    return status.get();
  }

  /** There is something in the gather. */
  public void wake() {
    lock.lock();
    try {
      woken = true;
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The first session is open. */
  public void opened(String logId, long epoch, long[] lastSequences, BatchBounds bounds) {
    post(worker -> worker.onOpened(logId, epoch, lastSequences, bounds));
  }

  /**
   * The server takes nothing for a partition before it is restarted: its pieces that came are
   * forgotten, and no more come until {@link #rebound} resumes it.
   */
  public void stopped(int partition) {
    post(worker -> worker.onStopped(partition));
  }

  /**
   * A later session has other bounds, or takes stopped partitions' pieces again. What is not stored
   * has to come once more, cut to the bounds; all of it that came before is forgotten. Answered by
   * {@link Listener#rewound}.
   *
   * @param resumed those partitions, with their last sequences
   */
  public void rebound(BatchBounds bounds, Map<Integer, Long> resumed) {
    post(worker -> worker.onRebound(bounds, resumed));
  }

  /** Pieces are stored; their numbers are consecutive. */
  public void stored(int partition, List<FramePiece> pieces, long lastSequence) {
    post(worker -> worker.onStored(partition, pieces, lastSequence));
  }

  /** A piece will not be stored; answered by {@link Listener#durable}. */
  public void refused(int partition, FramePiece piece, WeirException cause) {
    post(worker -> worker.onRefused(partition, piece, cause));
  }

  /** Some readings of a piece will not be stored; the rest may be. */
  public void refusedInPart(long frame, WeirException cause) {
    post(worker -> worker.onRefusedInPart(frame, cause));
  }

  /** A new session counts from another number; answered by {@link Listener#durable}. */
  public void renumbered(int partition, long nextSequence) {
    post(worker -> worker.onRenumbered(partition, nextSequence));
  }

  /** Completes when everything published before is stored, on the callback thread. */
  public CompletableFuture<Void> flush() {
    CompletableFuture<Void> stored = new CompletableFuture<>();
    if (!post(worker -> worker.onFlush(stored))) {
      stored.completeExceptionally(finished);
    }
    return stored;
  }

  /** Keeps what is in the gather, and gives the directory back. Idempotent. */
  public void end(WeirException cause) {
    post(worker -> worker.onEnd(cause));
  }

  /** Completes when the directory is given back. */
  public CompletableFuture<Void> over() {
    return over;
  }

  /** Leaves a task; false where the spool thread has ended. */
  private boolean post(Consumer<SpoolWorker> task) {
    lock.lock();
    try {
      if (finished != null) {
        return false;
      }
      tasks.add(task);
      news.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void run(SpoolWorker worker) {
    try {
      long waitNanos = 0;
      while (waitNanos >= 0) {
        waitNanos = worker.step(await(waitNanos));
      }
    } finally {
      try {
        finish(worker);
      } finally {
        over.complete(null); // whatever happened: somebody waits
      }
    }
  }

  private void finish(SpoolWorker worker) {
    lock.lock();
    try {
      finished = worker.ending();
    } finally {
      lock.unlock();
    }
    worker.onLate(await(0));
  }

  private List<Consumer<SpoolWorker>> await(long timeoutNanos) {
    lock.lock();
    try {
      long left = timeoutNanos;
      while (!woken && tasks.isEmpty() && left > 0) {
        try {
          left = news.awaitNanos(left);
        } catch (InterruptedException e) {
          left = 0; // nobody means this thread: its end is a task
        }
      }
      woken = false;
      List<Consumer<SpoolWorker>> due = new ArrayList<>(tasks);
      tasks.clear();
      return due;
    } finally {
      lock.unlock();
    }
  }
}
