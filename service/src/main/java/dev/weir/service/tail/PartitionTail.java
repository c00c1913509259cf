package dev.weir.service.tail;

import dev.weir.service.core.cursor.Position;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The recent records of one partition, and its committed head. Appended by the partition's writer,
 * read by any thread; evicting takes the one lock.
 */
public final class PartitionTail implements CommitSource, Evictable {
  private static final int RECORDS_MIN = 16;

  /** A ring of which less than this part is used is halved. */
  private static final int SHRINK_PART = 8;

  private final int recordsMax;
  private final TailBudget budget;
  private final TailBudget.Holding holding;
  private final List<CommitWatcher> watchers = new CopyOnWriteArrayList<>();
  private final Object evicting = new Object();
  private final long firstOffset;
  private volatile AtomicReferenceArray<TailRecord> ring; // replaced under evicting
  private long placedUpTo; // guarded by evicting; the head follows
  private volatile long start;
  private volatile Position head;
  private volatile long lastReadTick;
  private volatile long heldBytes; // written under evicting

  /**
   * @param head where the log ends
   * @param recordsMax most records, a power of two
   * @param budget bounds the bytes of all tails
   */
  public PartitionTail(Position head, int recordsMax, TailBudget budget) {
    if (Integer.bitCount(recordsMax) != 1) {
      throw new IllegalArgumentException("recordsMax: " + recordsMax + " (expected a power of 2)");
    }
    this.recordsMax = recordsMax;
    this.ring = new AtomicReferenceArray<>(Math.min(RECORDS_MIN, recordsMax));
    this.budget = budget;
    this.head = head;
    this.start = head.offset();
    this.placedUpTo = head.offset();
    this.firstOffset = head.offset();
    this.holding = budget.add(this);
  }

  /** The committed end: where the next record will be. */
  public Position head() {
    return head;
  }

  /** The record at an offset, or null where it is not in memory. */
  public TailRecord get(long offset) {
    AtomicReferenceArray<TailRecord> now = ring;
    TailRecord found = now.get(slot(offset, now));
    return found != null && found.record().offset() == offset ? found : null;
  }

  /**
   * Returns whether a record that is stored was in memory and is not any more. What was stored
   * before this process began counts as being there as far as so many records would fit.
   */
  public boolean hasLeft(long offset) {
    return get(offset) == null && (offset >= firstOffset || head.offset() - offset > recordsMax);
  }

  /** The oldest offset that may be in memory; the head where nothing is. */
  public long startOffset() {
    return Math.min(start, head.offset());
  }

  /** Notes that somebody reads here, so that others are evicted first. */
  public void touch() {
    lastReadTick = budget.tick();
  }

  /** Adds committed records and moves the head behind them. Partition writer only. */
  public void append(List<TailRecord> records) {
    long bytes = 0;
    synchronized (evicting) {
      for (TailRecord added : records) {
        long offset = added.record().offset();
        AtomicReferenceArray<TailRecord> into = roomFor(offset);
        TailRecord old = into.getAndSet(slot(offset, into), added);
        if (old != null) {
          start = old.record().offset() + 1;
          bytes -= old.heldBytes();
        }
        placedUpTo = offset + 1;
        bytes += added.heldBytes();
      }
      heldBytes += bytes;
    }
    var last = records.get(records.size() - 1).record();
    head = new Position(last.epoch(), last.nextOffset(), last.readingsAfter(), 0);
    for (CommitWatcher watcher : watchers) {
      watcher.committed();
    }
    holding.grew(bytes);
  }

  /** The ring, as large as it must be to keep what it has and one more. Holds the lock. */
  private AtomicReferenceArray<TailRecord> roomFor(long offset) {
    int slots = ring.length();
    while (slots < recordsMax && offset - start >= slots) {
      slots *= 2;
    }
    return resized(slots);
  }

  private AtomicReferenceArray<TailRecord> resized(int slots) {
    AtomicReferenceArray<TailRecord> now = ring;
    if (slots == now.length()) {
      return now;
    }
    var other = new AtomicReferenceArray<TailRecord>(slots);
    for (long offset = start; offset < placedUpTo; offset++) {
      other.set(slot(offset, other), now.get(slot(offset, now)));
    }
    ring = other; // before the head moves, so that whoever sees the head finds its records
    return other;
  }

  /** Tells somebody of every commit from now on. Any thread. */
  @Override
  public void watch(CommitWatcher watcher) {
    watchers.add(watcher);
  }

  @Override
  public long evictHalf() {
    synchronized (evicting) {
      return drop(start + (head.offset() - start + 1) / 2);
    }
  }

  /** Forgets the records before an offset. Any thread. */
  public void dropBefore(long offset) {
    long freed;
    synchronized (evicting) {
      freed = drop(Math.min(offset, head.offset()));
    }
    budget.gaveBack(freed);
  }

  /** Forgets all records and gives its bytes back. Nothing may be appended any more. */
  public void close() {
    synchronized (evicting) {
      holding.close(drop(head.offset()));
    }
  }

  private long drop(long upTo) {
    long freed = 0;
    AtomicReferenceArray<TailRecord> from = ring;
    for (long offset = start; offset < upTo; offset++) {
      TailRecord old = from.get(slot(offset, from));
      if (old != null && old.record().offset() == offset) {
        from.set(slot(offset, from), null);
        freed += old.heldBytes();
      }
    }
    start = Math.max(start, upTo);
    shrink();
    long left = heldBytes - freed; // whoever calls this holds the lock
    heldBytes = left;
    return freed;
  }

  private void shrink() {
    int slots = ring.length();
    while (slots > RECORDS_MIN && (placedUpTo - start) * SHRINK_PART < slots) {
      slots /= 2;
    }
    resized(slots);
  }

  @Override
  public boolean isEmpty() {
    return start >= head.offset();
  }

  @Override
  public long lastReadTick() {
    return CommitWatcher.anyWaiting(watchers) ? budget.tick() : lastReadTick;
  }

  @Override
  public long heldBytes() {
    return heldBytes;
  }

  /** Returns how many records there is a place for now. */
  int slots() {
    return ring.length();
  }

  private static int slot(long offset, AtomicReferenceArray<TailRecord> in) {
    return (int) (offset & (in.length() - 1));
  }
}
