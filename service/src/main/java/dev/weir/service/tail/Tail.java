package dev.weir.service.tail;

import dev.weir.service.core.cursor.Position;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The recent records of one partition, and its committed head. Appended by the partition's writer,
 * read by any thread; evicting takes the one lock.
 */
public final class Tail implements CommitSource, Evictable {
  private final AtomicReferenceArray<TailRecord> ring;
  private final TailBudget budget;
  private final List<CommitWatcher> watchers = new CopyOnWriteArrayList<>();
  private final Object evicting = new Object();
  private final long firstOffset;
  private volatile long start;
  private volatile Position head;
  private volatile long lastReadTick;
  private volatile long heldBytes; // written under evicting

  /**
   * @param head where the log ends
   * @param recordsMax most records, a power of two
   * @param budget bounds the bytes of all tails
   */
  public Tail(Position head, int recordsMax, TailBudget budget) {
    if (Integer.bitCount(recordsMax) != 1) {
      throw new IllegalArgumentException("recordsMax: " + recordsMax + " (expected a power of 2)");
    }
    this.ring = new AtomicReferenceArray<>(recordsMax);
    this.budget = budget;
    this.head = head;
    this.start = head.offset();
    this.firstOffset = head.offset();
    budget.add(this);
  }

  /** The committed end: where the next record will be. */
  public Position head() {
    return head;
  }

  /** The record at an offset, or null where it is not in memory. */
  public TailRecord get(long offset) {
    TailRecord found = ring.get(slot(offset));
    return found != null && found.record().offset() == offset ? found : null;
  }

  /**
   * Whether a record that is stored was in memory and is not any more. What was stored before this
   * process began counts as being there as far as so many records would fit.
   */
  public boolean hasLeft(long offset) {
    return get(offset) == null && (offset >= firstOffset || head.offset() - offset > ring.length());
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
        TailRecord old = ring.getAndSet(slot(offset), added);
        if (old != null) {
          start = old.record().offset() + 1;
          bytes -= old.heldBytes();
        }
        bytes += added.heldBytes();
      }
      heldBytes += bytes;
    }
    var last = records.get(records.size() - 1).record();
    head = new Position(last.epoch(), last.nextOffset(), last.readingsAfter(), 0);
    for (CommitWatcher watcher : watchers) {
      watcher.committed();
    }
    budget.grew(bytes);
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
    budget.grew(-freed);
  }

  /** Forgets all records and gives its bytes back. Nothing may be appended any more. */
  public void close() {
    synchronized (evicting) {
      budget.remove(this, drop(head.offset()));
    }
  }

  private long drop(long upTo) {
    long freed = 0;
    for (long offset = start; offset < upTo; offset++) {
      TailRecord old = ring.get(slot(offset));
      if (old != null && old.record().offset() == offset) {
        ring.set(slot(offset), null);
        freed += old.heldBytes();
      }
    }
    start = Math.max(start, upTo);
    long left = heldBytes - freed; // whoever calls this holds the lock
    heldBytes = left;
    return freed;
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

  private int slot(long offset) {
    return (int) (offset & (ring.length() - 1));
  }
}
