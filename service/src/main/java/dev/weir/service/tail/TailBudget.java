package dev.weir.service.tail;

import dev.weir.service.core.budget.Budget;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One byte budget for all tails and views; the least recently read is evicted first, and where
 * somebody waits counts as read now. Holders that hold something are a list, in the order in which
 * they were read as far as anybody looked: each eviction looks at {@value #LOOKED_AT_MAX} of them
 * from its beginning, and besides sends up to {@value #MOVED_MAX} that were read meanwhile to its
 * end (the clock algorithm of virtual memory). So what an eviction costs does not depend on how
 * many there are. Thread-safe.
 */
public final class TailBudget {
  /** Among so many holders the rule is exact; among more the victim is one of the oldest. */
  static final int LOOKED_AT_MAX = 16;

  /** If so many holders were just read, the least recently read of them is evicted. */
  static final int MOVED_MAX = 64;

  private final Budget held;
  private final AtomicLong ticks = new AtomicLong();
  private final Object ordering = new Object();
  private final Holding ends = new Holding(null); // before the first and behind the last

  /**
   * @param held what all tails hold together
   */
  public TailBudget(Budget held) {
    this.held = held;
    ends.before = ends;
    ends.behind = ends;
  }

  /** Bytes held now. */
  public long bytes() {
    return held.used();
  }

  /** Lets a holder's bytes be evicted from now on. */
  public Holding add(Evictable holder) {
    return new Holding(holder);
  }

  /** A time that only orders reads; readers share a tick until somebody appends. */
  public long tick() {
    return ticks.get();
  }

  /** Some holder gave up bytes by itself. */
  public void gaveBack(long bytes) {
    held.giveBack(bytes);
  }

  /**
   * Makes room where the budget is overdrawn: after a holder grew, and now and then, because what
   * there is for tails may become less.
   */
  public void settle() {
    while (held.lacks(0)) {
      Evictable victim = leastRecentlyRead();
      if (victim == null) {
        return;
      }
      held.giveBack(victim.evictHalf());
    }
  }

  private Evictable leastRecentlyRead() {
    synchronized (ordering) {
      Evictable victim = null;
      long victimTick = Long.MAX_VALUE;
      Holding last = ends.before;
      Holding next = ends.behind;
      int looked = 0;
      int moved = 0;
      while (looked < LOOKED_AT_MAX && moved < MOVED_MAX && next != ends) {
        Holding at = next;
        next = at == last ? ends : at.behind;
        if (at.leavesEmpty()) {
          continue; // paid for when it was listed
        }
        long seen = at.seenTick;
        long tick = at.look();
        if (tick > seen) {
          moved++;
        } else {
          looked++;
        }
        if (victim == null
            || tick < victimTick
            || tick == victimTick && at.holder.heldBytes() > victim.heldBytes()) {
          victim = at.holder;
          victimTick = tick;
        }
      }
      return victim;
    }
  }

  /** The account of one holder. Thread-safe. */
  public final class Holding {
    private final Evictable holder;
    private Holding before; // guarded by ordering, as the next
    private Holding behind;
    private long seenTick; // of the last read when somebody looked
    private boolean closed;
    private volatile boolean listed; // written under ordering

    Holding(Evictable holder) {
      this.holder = holder;
    }

    /** It holds so much more, or less; makes room where the budget is overdrawn. */
    public void grew(long more) {
      ticks.incrementAndGet();
      held.take(more);
      if (!listed) {
        synchronized (ordering) {
          list();
        }
      }
      settle();
    }

    /** The holder is gone, with the bytes that it held. */
    public void close(long heldBytes) {
      held.giveBack(heldBytes);
      synchronized (ordering) {
        closed = true;
        unlist();
      }
    }

    private void list() {
      if (listed || closed) {
        return;
      }
      listed = true;
      seenTick = holder.lastReadTick();
      boolean oldest = ends.behind == ends || seenTick <= ends.behind.seenTick;
      insertBehind(oldest ? ends : ends.before);
    }

    private void insertBehind(Holding other) {
      before = other;
      behind = other.behind;
      before.behind = this;
      behind.before = this;
    }

    private void unlist() {
      if (listed) {
        takeOut();
        listed = false;
      }
    }

    private void takeOut() {
      before.behind = behind;
      behind.before = before;
    }

    /** Leaves the list where there is nothing to evict; whoever grows then comes back. */
    private boolean leavesEmpty() {
      if (!holder.isEmpty()) {
        return false;
      }
      unlist();
      if (!holder.isEmpty()) {
        list(); // it grew before it could see that it had left
      }
      return true;
    }

    /** The tick of its last read; where that is news, it is among the newest. */
    private long look() {
      long tick = holder.lastReadTick();
      if (tick > seenTick) {
        seenTick = tick;
        takeOut();
        insertBehind(ends.before);
      }
      return tick;
    }
  }
}
