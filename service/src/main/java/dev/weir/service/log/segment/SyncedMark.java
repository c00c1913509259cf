package dev.weir.service.log.segment;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Keeps a claimed partition's watermark behind what is synced of it, and knows how long servers
 * were there since its last record. Thread-safe.
 */
final class SyncedMark {
  /** What a kill may take of the time that was seen pass. */
  private static final long SEEN_STEP_NANOS = Duration.ofHours(1).toNanos();

  /** What a clean end may take of it. */
  private static final long SEEN_END_NANOS = Duration.ofSeconds(1).toNanos();

  private final Store store;
  private final SegmentView view;
  private final long epoch;
  private final Watermark.Slots watermark; // guarded by this
  private final long claimedNanos; // by the clock
  private final long seenBeforeNanos; // since the last record, when it was claimed
  private final AtomicBoolean ticking = new AtomicBoolean(); // one tick at a time
  private boolean unmarked; // the last tick's watermark was not written; whose is ticking
  private boolean closed; // guarded by this

  SyncedMark(Store store, SegmentView view, long epoch, Watermark.Slots watermark) {
    this.store = store;
    this.view = view;
    this.epoch = epoch;
    this.watermark = watermark;
    claimedNanos = store.epochNanosClock().getAsLong();
    seenBeforeNanos = watermark.newest().seenSince(view.committed().endOffset());
  }

  /** The clock when it was claimed, less what is known to be seen since the last record. */
  long unseenFromNanos() {
    return claimedNanos - seenBeforeNanos;
  }

  /** Whether this claim has records. */
  boolean hasAppended(Committed now) {
    var epochs = now.epochs();
    return !epochs.isEmpty() && epochs.get(epochs.size() - 1).epoch() == epoch;
  }

  /** How long servers were there since the last record; at least, as kills leave no word. */
  long seenNanos(Committed now) {
    long clock = store.epochNanosClock().getAsLong();
    return hasAppended(now)
        ? Math.max(0, clock - now.lastAppendTimeNanos())
        : seenBeforeNanos + Math.max(0, clock - claimedNanos);
  }

  /**
   * Repeats what is synced in the watermark file, where that has changed; nothing where somebody is
   * at it, whose sync may hang.
   */
  void tick(Supplier<Committed> synced) {
    if (!ticking.compareAndSet(false, true)) {
      return;
    }
    try {
      synchronized (this) {
        if (!closed) {
          mark(synced.get(), SEEN_STEP_NANOS);
          unmarked = false;
        }
      }
    } catch (IOException e) {
      if (!unmarked) {
        unmarked = true; // told once, until one is written again
        store
            .events()
            .accept(
                new SegmentEvent(
                    SegmentEvent.Kind.WATERMARK_FAILED,
                    view.directory().partition(),
                    "the watermark was not written: " + e));
      }
    } finally {
      ticking.set(false);
    }
  }

  /** Writes down what is synced, where that moved on. */
  synchronized void write(Committed synced) throws IOException {
    mark(synced, SEEN_STEP_NANOS);
  }

  /** Writes it down for the last time; no tick does from now on. */
  synchronized void close(Committed synced) throws IOException {
    closed = true;
    mark(synced, SEEN_END_NANOS);
  }

  /**
   * Where that moved on, or the time that was seen pass behind it by so much; without a record
   * there is nothing that time makes older.
   */
  private void mark(Committed synced, long seenStepNanos) throws IOException {
    if (synced.endOffset() == 0) {
      return;
    }
    long seen = synced.endOffset() == view.committed().endOffset() ? seenNanos(synced) : 0;
    Watermark newest = watermark.newest();
    if (newest.syncedOffset() < synced.endOffset()
        || seen - newest.seenSince(synced.endOffset()) >= seenStepNanos) {
      watermark.write(Recovery.watermark(synced, epoch, seen, view.salt()));
    }
  }
}
