package dev.weir.service.tail;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** One byte budget for all tails; the least recently read is evicted first. Thread-safe. */
public final class TailBudget {
  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong ticks = new AtomicLong();
  private final List<Tail> tails = new CopyOnWriteArrayList<>();

  /**
   * @param bytesMax most bytes of all tails together
   */
  public TailBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Bytes held now. */
  public long bytes() {
    return bytes.get();
  }

  void add(Tail tail) {
    tails.add(tail);
  }

  /** A time that only orders reads; readers share a tick until somebody appends. */
  long tick() {
    return ticks.get();
  }

  /** Accounts for an append, and makes room where the budget is overdrawn. */
  void grew(long more) {
    ticks.incrementAndGet();
    long held = bytes.addAndGet(more);
    while (held > bytesMax) {
      Tail victim = leastRecentlyRead();
      if (victim == null) {
        return;
      }
      held = bytes.addAndGet(-victim.evictHalf());
    }
  }

  private Tail leastRecentlyRead() {
    Tail victim = null;
    for (Tail tail : tails) {
      if (!tail.isEmpty() && (victim == null || tail.lastReadTick() < victim.lastReadTick())) {
        victim = tail;
      }
    }
    return victim;
  }
}
