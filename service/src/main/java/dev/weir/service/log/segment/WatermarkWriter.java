package dev.weir.service.log.segment;

import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.Watermark;
import dev.weir.service.log.segment.read.ReadablePartition;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Keeps a claimed partition's watermark behind what is synced of it, and knows how long servers
 * were there since its last record. Thread-safe.
 */
final class WatermarkWriter {
  /** The greatest part of the time that was seen pass that a kill may take. */
  private static final long SEEN_STEP_NANOS = Duration.ofHours(1).toNanos();

  /** The greatest part of it that a clean end may take. */
  private static final long SEEN_END_NANOS = Duration.ofSeconds(1).toNanos();

  private final EngineContext store;
  private final ReadablePartition view;
  private final long epoch;
  private final Watermark.Slots watermark; // guarded by this
  private final long claimedNanos; // by the clock
  private final long seenBeforeNanos; // since the last record, when it was claimed
  private final AtomicBoolean ticking = new AtomicBoolean(); // one tick at a time
  private boolean unmarked; // the last tick's watermark was not written; whose is ticking
  private boolean closed; // guarded by this

  WatermarkWriter(
      EngineContext store, ReadablePartition view, long epoch, Watermark.Slots watermark) {
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

  /** Returns whether this claim has records. */
  boolean hasAppended(CommittedState now) {
    var epochs = now.epochs();
    return !epochs.isEmpty() && epochs.get(epochs.size() - 1).epoch() == epoch;
  }

  /** Returns the least time for which servers ran since the last record: kills leave no word. */
  long seenNanos(CommittedState now) {
    long clock = store.epochNanosClock().getAsLong();
    return hasAppended(now)
        ? Math.max(0, clock - now.lastAppendTimeNanos())
        : seenBeforeNanos + Math.max(0, clock - claimedNanos);
  }

  /**
   * Repeats what is synced in the watermark file, where that has changed; nothing where somebody is
   * at it, whose sync may hang.
   */
  void tick(Supplier<CommittedState> synced) {
    if (!ticking.compareAndSet(false, true)) {
      return;
    }
    try {
      write(synced);
      unmarked = false;
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

  /** Writes down what is synced, where that moved on; nothing once it is closed. */
  void write(Supplier<CommittedState> synced) throws IOException {
    store.activeFiles().withRoom(() -> mark(synced, false));
  }

  /** Writes it down for the last time; no tick does from now on. */
  void close(Supplier<CommittedState> synced) throws IOException {
    store.activeFiles().withRoom(() -> mark(synced, true));
  }

  /**
   * Where that moved on, or the time that was seen pass behind it; without a record there is
   * nothing that time makes older. Gives whether it was written.
   */
  private synchronized boolean mark(Supplier<CommittedState> source, boolean last)
      throws IOException {
    if (closed && !last) {
      return false;
    }
    closed = last;
    CommittedState synced = source.get();
    if (synced.endOffset() == 0) {
      return false;
    }
    long seen = synced.endOffset() == view.committed().endOffset() ? seenNanos(synced) : 0;
    Watermark newest = watermark.newest();
    boolean moved =
        newest.syncedOffset() < synced.endOffset()
            || seen - newest.seenSince(synced.endOffset())
                >= (last ? SEEN_END_NANOS : SEEN_STEP_NANOS);
    if (moved) {
      watermark.write(PartitionRecovery.watermark(synced, epoch, seen, view.salt()));
    }
    return moved;
  }
}
