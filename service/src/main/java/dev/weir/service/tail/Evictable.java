package dev.weir.service.tail;

/** Holds bytes of a {@link TailBudget} that it can give back. Thread-safe. */
public interface Evictable {
  /** Returns whether there is nothing to give back. */
  boolean isEmpty();

  /**
   * {@link TailBudget#tick} of the last read, or of now where somebody waits for what comes next;
   * the smallest is evicted first.
   */
  long lastReadTick();

  /** Bytes it holds; of those last read at the same time, the one that holds most is evicted. */
  long heldBytes();

  /** Drops about the older half of what it holds. Returns the bytes given back. */
  long evictHalf();
}
