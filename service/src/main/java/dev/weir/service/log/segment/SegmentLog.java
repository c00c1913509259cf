package dev.weir.service.log.segment;

import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.CheckpointState;
import dev.weir.service.log.DiskFullException;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import java.io.IOException;
import java.io.SyncFailedException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One claimed partition on disk. Thread-safe for reading and retention; appends, checkpoints and
 * close are owned by the partition's writer, except that a commit ends on the sync pool while the
 * writer waits for it.
 *
 * <p>A buffered one commits what the operating system has taken and syncs it later. Rounds that
 * give out identities (sensors' ids, producers' epochs) are synced before they are committed all
 * the same, so that no crash gives one out twice.
 */
final class SegmentLog implements PartitionLog {
  /** What a kill may take of the time that was seen pass. */
  private static final long SEEN_STEP_NANOS = Duration.ofHours(1).toNanos();

  private final Store store;
  private final SegmentView view;
  private final long epoch;
  private final Active active;
  private final CheckpointFiles checkpoints;
  private final OldSegments oldSegments;
  private final Watermark.Slots watermark; // guarded by itself
  private final Runnable onClose;
  private final AtomicBoolean appending = new AtomicBoolean();
  private final boolean buffered;
  private final AtomicBoolean syncScheduled = new AtomicBoolean();
  private final Object syncing =
      new Object(); // one sync at a time, and none while a file is closed
  private volatile Committed synced; // of a buffered one; what is committed may be ahead
  private volatile Exception poison;
  private volatile boolean closed;
  private final long claimedNanos; // by the clock
  private final long seenBeforeNanos; // since the last record, when it was claimed
  private final AtomicBoolean marking = new AtomicBoolean(); // one tick at a time
  private boolean unmarked; // the last tick's watermark was not written; whose is marking

  SegmentLog(
      Store store,
      SegmentView view,
      long epoch,
      Active active,
      Watermark.Slots watermark,
      boolean buffered,
      Runnable onClose)
      throws IOException {
    this.store = store;
    this.view = view;
    this.epoch = epoch;
    this.active = active;
    this.watermark = watermark;
    this.buffered = buffered;
    this.synced = view.committed(); // recovery has synced it
    this.onClose = onClose;
    checkpoints = new CheckpointFiles(view, store.events());
    claimedNanos = store.epochNanosClock().getAsLong();
    seenBeforeNanos = watermark.newest().seenSince(view.committed().endOffset());
    oldSegments =
        new OldSegments(
            view,
            checkpoints,
            new Absences(view, epoch, claimedNanos - seenBeforeNanos, store.options().epochsMax()));
  }

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public List<EpochStart> epochs() {
    return view.committed().epochs();
  }

  @Override
  public long startOffset() {
    return view.committed().first().firstOffset();
  }

  @Override
  public long startReadings() {
    return view.committed().segments().startReadings();
  }

  @Override
  public LogRange range() {
    return view.committed().range(epoch);
  }

  @Override
  public long bytes() {
    return view.committed().bytes();
  }

  @Override
  public long endOffset() {
    return view.committed().endOffset();
  }

  @Override
  public long lastAppendTimeNanos() {
    return view.committed().lastAppendTimeNanos();
  }

  @Override
  public long endReadings() {
    return view.committed().endReadings();
  }

  @Override
  public void append(List<LogRecord> records, Consumer<AppendOutcome> done) {
    if (poison != null) {
      done.accept(new AppendOutcome.Unknown(poison));
      return;
    }
    Round round = new Round(records, epoch, view.committed(), store.options().recordBytesMax());
    if (closed || !appending.compareAndSet(false, true)) {
      throw new IllegalStateException(
          partition() + (closed ? " is closed" : " has an append under way"));
    }
    AppendOutcome failed = write(round);
    if (failed == null && buffered && !needsSync(round)) {
      end(poison == null ? commitWritten(round) : new AppendOutcome.Unknown(poison), done);
      return;
    }
    if (failed == null) {
      try {
        store.syncPool().execute(() -> end(commit(round), done));
        return;
      } catch (RejectedExecutionException e) {
        failed = cutBack(e);
      }
    }
    end(failed, done);
  }

  /** Whether a buffered round is not committed before its sync. */
  private boolean needsSync(Round round) {
    Committed now = view.committed();
    Committed known = synced;
    long from = known.active().equals(now.active()) ? known.activeBytes() : 0;
    return now.activeBytes() - from + round.bytes() > store.options().unsyncedBytesMax()
        || round.givesIdentities();
  }

  private void end(AppendOutcome outcome, Consumer<AppendOutcome> done) {
    appending.set(false);
    done.accept(outcome);
  }

  /** Writes a round; null if that went well. */
  private AppendOutcome write(Round round) {
    AppendOutcome failed = active.tooFullFor(round.bytes()) ? roll() : null;
    if (failed != null) {
      return failed;
    }
    try {
      Committed now = view.committed();
      active.write(round, synced(), appended(now) ? 0 : seenNanos(now));
      store.reserve().wrote(round.bytes());
      return null;
    } catch (IOException | RuntimeException e) {
      return cutBack(e);
    }
  }

  /** Starts a new segment; null if that went well. All before it is synced, at every level. */
  private AppendOutcome roll() {
    synchronized (syncing) {
      if (!syncCommitted()) {
        return new AppendOutcome.Unknown(poison);
      }
      try {
        active.roll();
        return null;
      } catch (SyncFailedException e) {
        return poisoned(e);
      } catch (IOException | RuntimeException e) {
        return notStored(e);
      }
    }
  }

  private AppendOutcome cutBack(Exception cause) {
    try {
      active.cutBack();
      return notStored(cause);
    } catch (IOException | RuntimeException e) {
      e.addSuppressed(cause);
      return poisoned(e);
    }
  }

  /** Topics and commits may take what is kept for upkeep; who appended tries again. */
  private AppendOutcome notStored(Exception cause) {
    if (cause instanceof DiskFullException) {
      store.reserve().look();
      if (partition().equals(PartitionId.SYSTEM)) {
        store.reserve().release();
      }
    }
    return new AppendOutcome.NotStored(cause);
  }

  private AppendOutcome commit(Round round) {
    synchronized (syncing) {
      if (poison != null) {
        // A sync behind one that failed may succeed: the kernel tells of lost pages once.
        return new AppendOutcome.Unknown(poison);
      }
      try {
        active.sync();
        AppendOutcome committed = commitWritten(round);
        synced = view.committed();
        return committed;
      } catch (IOException | RuntimeException e) { // an Error ends the process
        return poisoned(e);
      }
    }
  }

  /** Whether this claim has records. */
  private boolean appended(Committed now) {
    List<EpochStart> epochs = now.epochs();
    return !epochs.isEmpty() && epochs.get(epochs.size() - 1).epoch() == epoch;
  }

  /** How long servers were there since the last record; at least, as kills leave no word. */
  private long seenNanos(Committed now) {
    long clock = store.epochNanosClock().getAsLong();
    return appended(now)
        ? Math.max(0, clock - now.lastAppendTimeNanos())
        : seenBeforeNanos + Math.max(0, clock - claimedNanos);
  }

  private AppendOutcome commitWritten(Round round) {
    Committed before = view.committed();
    round.index(before.activeIndex(), before.activeBytes());
    view.update(now -> now.with(round, epoch, store.options().epochsMax()));
    return new AppendOutcome.Committed();
  }

  /** What is known to be synced. */
  private Committed synced() {
    return buffered ? synced : view.committed();
  }

  /**
   * Syncs what is committed and not synced; false where the partition is poisoned. The caller holds
   * {@code syncing}.
   */
  private boolean syncCommitted() {
    Committed now = view.committed();
    if (buffered && poison == null && synced.endOffset() < now.endOffset()) {
      try {
        active.sync();
        synced = now;
      } catch (IOException | RuntimeException e) {
        poisoned(e);
      }
    }
    return poison == null;
  }

  /** Has a buffered partition synced by the sync pool. Any thread; does not block. */
  void syncLater() {
    if (buffered
        && poison == null
        && synced.endOffset() < endOffset()
        && syncScheduled.compareAndSet(false, true)) {
      try {
        store.syncPool().execute(this::syncUnlessClosed);
      } catch (RejectedExecutionException e) {
        syncScheduled.set(false); // the end of the process: closing syncs
      }
    }
  }

  private void syncUnlessClosed() {
    syncScheduled.set(false);
    synchronized (syncing) {
      if (!closed) {
        syncCommitted();
      }
    }
  }

  private AppendOutcome poisoned(Exception cause) {
    poison = cause;
    event(
        SegmentEvent.Kind.POISONED,
        "takes no more appends from offset "
            + endOffset()
            + " until the process restarts, because storing failed: "
            + cause);
    return new AppendOutcome.Unknown(cause);
  }

  private void event(SegmentEvent.Kind kind, String text) {
    store.events().accept(new SegmentEvent(kind, partition(), text));
  }

  private PartitionId partition() {
    return view.directory().partition();
  }

  @Override
  public boolean poisoned() {
    return poison != null;
  }

  @Override
  public LogReader read(long offset, boolean bodies) throws IOException {
    return view.read(offset, bodies);
  }

  @Override
  public long offsetAt(long appendTimeNanos) throws IOException {
    return view.offsetAt(appendTimeNanos);
  }

  @Override
  public Optional<Checkpoint> checkpoint() throws IOException {
    return checkpoints.newest();
  }

  @Override
  public void checkpoint(Checkpoint checkpoint) throws IOException {
    Slice state = checkpoint.state();
    checkpoint(checkpoint, out -> out.write(state.array(), state.offset(), state.length()));
  }

  @Override
  public void checkpoint(Checkpoint head, CheckpointState state) throws IOException {
    if (buffered) {
      synchronized (syncing) {
        if (!syncCommitted()) {
          throw new IOException(partition() + " is not synced, so it gets no checkpoint", poison);
        }
      }
    }
    try {
      write(head, state);
    } catch (DiskFullException e) {
      if (!store.reserve().release()) {
        throw e;
      }
      write(head, state);
    }
  }

  private void write(Checkpoint head, CheckpointState state) throws IOException {
    synchronized (watermark) {
      mark(SEEN_STEP_NANOS); // so that what the checkpoint folds can only be damaged, not torn
    }
    checkpoints.write(head, state);
  }

  @Override
  public int recordBytesMax() {
    return store.options().recordBytesMax() - RecordHeader.BYTES;
  }

  @Override
  public boolean hasRoom() {
    return !store.reserve().reached();
  }

  @Override
  public boolean retain(Retention terms) throws IOException {
    return oldSegments.retain(terms);
  }

  /**
   * Repeats what is synced in the watermark file, where that has changed; nothing where somebody is
   * at it, whose sync may hang.
   */
  void tick() {
    if (!marking.compareAndSet(false, true)) {
      return;
    }
    try {
      synchronized (watermark) {
        if (!closed) {
          mark(SEEN_STEP_NANOS);
          unmarked = false;
        }
      }
    } catch (IOException e) {
      if (!unmarked) {
        unmarked = true; // told once, until one is written again
        event(SegmentEvent.Kind.WATERMARK_FAILED, "the watermark was not written: " + e);
      }
    } finally {
      marking.set(false);
    }
  }

  /** Where that moved on, or the time that was seen pass behind it by so much. */
  private void mark(long seenStepNanos) throws IOException {
    Committed now = synced();
    long seen = now.endOffset() == endOffset() ? seenNanos(now) : 0;
    Watermark newest = watermark.newest();
    if (newest.syncedOffset() < now.endOffset()
        || seen - newest.seenSince(now.endOffset()) >= seenStepNanos) {
      watermark.write(Recovery.watermark(now, epoch, seen, view.salt()));
    }
  }

  @Override
  public void close() throws IOException {
    Exception before = poison;
    synchronized (syncing) {
      if (closed) {
        return;
      }
      syncCommitted();
      closed = true;
    }
    oldSegments.stop();
    view.committed().segments().list().forEach(view::forget);
    synchronized (watermark) {
      try (active;
          watermark) {
        mark(Duration.ofSeconds(1).toNanos());
      } finally {
        onClose.run();
      }
    }
    if (buffered && before == null && poison != null) {
      throw new IOException(partition() + " could not be synced when it was closed", poison);
    }
  }
}
