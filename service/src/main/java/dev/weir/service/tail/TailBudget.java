package dev.weir.service.tail;

import dev.weir.service.core.budget.Budget;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One byte budget for all tails and views; the least recently read is evicted first, and where
 * somebody waits counts as read now. Thread-safe.
 */
public final class TailBudget {
  private final Budget held;
  private final AtomicLong ticks = new AtomicLong();
  private final List<Evictable> holders = new CopyOnWriteArrayList<>();

  /**
   * @param held what all tails hold together
   */
  public TailBudget(Budget held) {
    this.held = held;
  }

  /** Bytes held now. */
  public long bytes() {
    return held.used();
  }

  /** Lets a holder's bytes be evicted from now on. */
  public void add(Evictable holder) {
    holders.add(holder);
  }

  /** The holder is gone; its bytes are given back. */
  public void remove(Evictable holder, long heldBytes) {
    holders.remove(holder);
    held.giveBack(heldBytes);
  }

  /** A time that only orders reads; readers share a tick until somebody appends. */
  public long tick() {
    return ticks.get();
  }

  /** Accounts for an append, and makes room where the budget is overdrawn. */
  public void grew(long more) {
    ticks.incrementAndGet();
    held.take(more);
    while (held.lacks(0)) {
      Evictable victim = leastRecentlyRead();
      if (victim == null) {
        return;
      }
      held.giveBack(victim.evictHalf());
    }
  }

  private Evictable leastRecentlyRead() {
    Evictable victim = null;
    long victimTick = Long.MAX_VALUE;
    for (Evictable holder : holders) {
      if (holder.isEmpty()) {
        continue;
      }
      long tick = holder.lastReadTick();
      if (victim == null
          || tick < victimTick
          || tick == victimTick && holder.heldBytes() > victim.heldBytes()) {
        victim = holder;
        victimTick = tick;
      }
    }
    return victim;
  }
}
