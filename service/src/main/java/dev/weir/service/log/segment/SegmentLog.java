package dev.weir.service.log.segment;

import dev.weir.common.file.DiskFullException;
import dev.weir.common.file.TooManyFilesException;
import dev.weir.service.core.Slice;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.CheckpointState;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.RecordHeader;
import dev.weir.service.log.segment.file.Watermark;
import dev.weir.service.log.segment.read.ReadablePartition;
import dev.weir.service.log.segment.recovery.CheckpointFiles;
import java.io.IOException;
import java.io.SyncFailedException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One claimed partition on disk. Thread-safe for reading and retention; appends, checkpoints and
 * close are owned by the partition's writer. An append is written by the writer where the file is
 * open and has room; whatever waits for the disk is done on the sync pool, while the writer waits
 * for the end: the sync, making the next segment, opening the file, and cutting back what failed.
 *
 * <p>A buffered one commits what the operating system has taken and syncs it later. Rounds that
 * give out identities (sensors' ids, producers' epochs) are synced before they are committed all
 * the same, so that no crash gives one out twice.
 */
final class SegmentLog extends ReadableSegmentLog implements ActiveFileLimiter.Holder {
  private final EngineContext store;
  private final ActiveSegment active;
  private final CheckpointFiles checkpoints;
  private final SegmentRetention oldSegments;
  private final WatermarkWriter mark;
  private final Runnable onClose;
  private final AtomicReference<ActiveSegmentState> use;
  private final boolean buffered;
  private final AtomicBoolean syncScheduled = new AtomicBoolean();
  private final Object syncing =
      new Object(); // one sync at a time, and none while a file is closed
  private volatile CommittedState synced; // of a buffered one; what is committed may be ahead
  private final PoisonState poison;
  private volatile boolean closed;
  private volatile boolean used; // appended to since others who need files asked

  SegmentLog(
      EngineContext store,
      ReadablePartition view,
      long epoch,
      ActiveSegment active,
      Watermark.Slots watermark,
      boolean buffered,
      Runnable onClose)
      throws IOException {
    super(view, epoch);
    this.store = store;
    this.active = active;
    this.buffered = buffered;
    this.synced = view.committed(); // recovery has synced it
    this.onClose = onClose;
    poison = new PoisonState(view.directory().partition(), store.events());
    use =
        new AtomicReference<>(active.isOpen() ? ActiveSegmentState.OPEN : ActiveSegmentState.SHUT);
    checkpoints = new CheckpointFiles(view, store.events());
    mark = new WatermarkWriter(store, view, epoch, watermark);
    oldSegments =
        new SegmentRetention(
            view,
            checkpoints,
            new DowntimeTracker(view, epoch, mark.unseenFromNanos(), store.options().epochsMax()),
            active.names());
  }

  @Override
  public void append(List<LogRecord> records, Consumer<AppendOutcome> done) {
    if (poison.isSet()) {
      done.accept(poison.outcome());
      return;
    }
    PendingAppend round =
        new PendingAppend(records, epoch, view.committed(), store.options().recordBytesMax());
    boolean open =
        !closed && use.compareAndSet(ActiveSegmentState.OPEN, ActiveSegmentState.APPENDING);
    if (!open
        && (closed || !use.compareAndSet(ActiveSegmentState.SHUT, ActiveSegmentState.APPENDING))) {
      throw new IllegalStateException(
          partition() + (closed ? " is closed" : " has an append under way"));
    }
    if (!used) {
      used = true;
    }
    if (open && !active.tooFullFor(round.bytes())) {
      appendHere(round, done);
    } else {
      handOver(() -> storeAll(round), done, this::notStored);
    }
  }

  /** Writes a round, and commits it where it need not be synced first; the rest is handed over. */
  private void appendHere(PendingAppend round, Consumer<AppendOutcome> done) {
    Exception failed = write(round);
    if (failed == null && buffered && !needsSync(round)) {
      end(!poison.isSet() ? commitWritten(round) : poison.outcome(), done);
    } else {
      handOver(
          () -> failed == null ? commit(round) : cutBack(failed),
          done,
          rejected -> cutBack(failed == null ? rejected : failed));
    }
  }

  /**
   * Has the end of an append done by the sync pool.
   *
   * @param otherwise the end where the pool takes nothing more, on this thread
   */
  private void handOver(
      Supplier<AppendOutcome> rest,
      Consumer<AppendOutcome> done,
      Function<Exception, AppendOutcome> otherwise) {
    try {
      store.syncPool().execute(() -> end(outcome(rest), done));
    } catch (RejectedExecutionException e) {
      end(otherwise.apply(e), done);
    }
  }

  /** Whoever waits must hear the end, whatever it is. */
  private AppendOutcome outcome(Supplier<AppendOutcome> rest) {
    try {
      return rest.get();
    } catch (RuntimeException e) {
      return poison.by(e, endOffset());
    }
  }

  /** Opens or makes the file, writes and commits a round. */
  private AppendOutcome storeAll(PendingAppend round) {
    AppendOutcome failed = prepare(round);
    if (failed != null) {
      return failed;
    }
    Exception notWritten = write(round);
    if (notWritten != null) {
      return cutBack(notWritten);
    }
    if (!buffered || needsSync(round)) {
      return commit(round);
    }
    return !poison.isSet() ? commitWritten(round) : poison.outcome();
  }

  /** Returns whether a buffered round is not committed before its sync. */
  private boolean needsSync(PendingAppend round) {
    CommittedState now = view.committed();
    CommittedState known = synced;
    long from = known.active().equals(now.active()) ? known.activeBytes() : 0;
    return now.activeBytes() - from + round.bytes() > store.options().unsyncedBytesMax()
        || round.givesIdentities();
  }

  private void end(AppendOutcome outcome, Consumer<AppendOutcome> done) {
    use.set(active.isOpen() ? ActiveSegmentState.OPEN : ActiveSegmentState.SHUT);
    done.accept(outcome);
  }

  /** Writes a round; null if that went well. */
  private Exception write(PendingAppend round) {
    try {
      CommittedState now = view.committed();
      active.write(round, synced(), mark.hasAppended(now) ? 0 : mark.seenNanos(now));
      store.reserve().wrote(round.bytes());
      return null;
    } catch (IOException | RuntimeException e) {
      return e;
    }
  }

  /**
   * Opens the file, or makes the next one where this one is full; null if that went well. All
   * before a new segment is synced first, at every level.
   */
  private AppendOutcome prepare(PendingAppend round) {
    boolean counted;
    synchronized (syncing) { // somebody who shuts it is done now, or sees the append
      counted = active.isOpen();
    }
    try {
      if (!counted) {
        store.activeFiles().enter(this);
      }
      return store.activeFiles().withRoom(() -> openOrRoll(round));
    } catch (IOException e) {
      return notStored(e);
    } finally {
      if (!counted && !active.isOpen()) {
        store.activeFiles().leave(this);
      }
    }
  }

  private AppendOutcome openOrRoll(PendingAppend round) throws TooManyFilesException {
    synchronized (syncing) {
      if (closed) { // while the append waited for a thread
        return notStored(new IOException(partition() + " is closed"));
      }
      if (!syncCommitted()) {
        return poison.outcome();
      }
      try {
        if (active.tooFullFor(round.bytes())) {
          active.roll();
        } else if (!active.isOpen()) {
          active.open();
        }
        return null;
      } catch (SyncFailedException e) {
        return poison.by(e, endOffset());
      } catch (TooManyFilesException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        return notStored(e);
      }
    }
  }

  @Override
  public boolean usedSinceAsked() {
    boolean was = used;
    used = false;
    return was;
  }

  @Override
  public boolean tryShut() {
    if (closed) {
      return true;
    }
    if (!use.compareAndSet(ActiveSegmentState.OPEN, ActiveSegmentState.SHUT)) {
      return false;
    }
    synchronized (syncing) {
      try {
        if (closed || use.get() != ActiveSegmentState.SHUT || !syncCommitted()) {
          return closed; // an append was faster; or it is stopped, and keeps its file
        }
        active.shut();
      } catch (IOException e) {
        poison.by(e, endOffset()); // nobody knows whether all of it was written
      }
      return true;
    }
  }

  private AppendOutcome cutBack(Exception cause) {
    try {
      synchronized (syncing) { // a failed sync is told to one of two that sync at once
        active.cutBack();
      }
      return notStored(cause);
    } catch (IOException | RuntimeException e) {
      e.addSuppressed(cause);
      return poison.by(e, endOffset());
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

  private AppendOutcome commit(PendingAppend round) {
    synchronized (syncing) {
      if (poison.isSet()) {
        // A sync behind one that failed may succeed: the kernel tells of lost pages once.
        return poison.outcome();
      }
      try {
        active.sync();
        AppendOutcome committed = commitWritten(round);
        synced = view.committed();
        return committed;
      } catch (IOException | RuntimeException e) { // an Error ends the process
        return poison.by(e, endOffset());
      }
    }
  }

  private AppendOutcome commitWritten(PendingAppend round) {
    CommittedState before = view.committed();
    round.index(before.activeIndex(), before.activeBytes());
    view.update(now -> round.after(now, epoch, store.options().epochsMax()));
    return new AppendOutcome.Committed();
  }

  /** Returns the state that is known to be synced. */
  private CommittedState synced() {
    return buffered ? synced : view.committed();
  }

  /**
   * Syncs what is committed and not synced; false where the partition is poisoned. The caller holds
   * {@code syncing}.
   */
  private boolean syncCommitted() {
    CommittedState now = view.committed();
    if (buffered && !poison.isSet() && synced.endOffset() < now.endOffset()) {
      try {
        active.sync();
        synced = now;
      } catch (IOException | RuntimeException e) {
        poison.by(e, endOffset());
      }
    }
    return !poison.isSet();
  }

  /** Has a buffered partition synced by the sync pool. Any thread; does not block. */
  void syncLater() {
    if (buffered
        && !poison.isSet()
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

  private PartitionId partition() {
    return view.directory().partition();
  }

  @Override
  public boolean poisoned() {
    return poison.isSet();
  }

  @Override
  public Optional<Checkpoint> checkpoint() throws IOException {
    return checkpoints.newest();
  }

  @Override
  public boolean lacksCheckpoint() {
    return checkpoints.lacksOne();
  }

  @Override
  public long checkpointBytes() throws IOException {
    return checkpoints.newestBytes();
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
          throw new IOException(
              partition() + " is not synced, so it gets no checkpoint", poison.cause());
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
    mark.write(this::synced); // so that what the checkpoint folds can only be damaged, not torn
    store
        .activeFiles()
        .withRoom(
            () -> {
              checkpoints.write(head, state);
              return head;
            });
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

  /** See {@link WatermarkWriter#tick}. */
  void tick() {
    mark.tick(this::synced);
  }

  @Override
  public void close() throws IOException {
    boolean before = poison.isSet();
    synchronized (syncing) {
      if (closed) {
        return;
      }
      syncCommitted();
      closed = true;
    }
    oldSegments.stop();
    try (active) {
      view.committed().activeIndex().trimmed();
      view.committed().segments().list().forEach(view::forget);
      mark.close(this::synced);
    } finally {
      store.activeFiles().leave(this);
      onClose.run();
    }
    if (buffered && !before && poison.isSet()) {
      throw new IOException(
          partition() + " could not be synced when it was closed", poison.cause());
    }
  }
}
