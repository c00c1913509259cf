package dev.weir.service.tail;

/** Holds bytes of a {@link TailBudget} that it can give back. Thread-safe. */
public interface Evictable {
  /** Whether there is nothing to give back. */
  boolean isEmpty();

  /** {@link TailBudget#tick} of the last read; the smallest is evicted first. */
  long lastReadTick();

  /** Drops about the older half of what it holds. Returns the bytes given back. */
  long evictHalf();
}
