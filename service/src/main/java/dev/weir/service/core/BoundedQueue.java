package dev.weir.service.core;

import java.util.ArrayDeque;

/**
 * A bounded FIFO that takes as much memory as it has needed lately, and hardly any while nothing
 * waits: there is one for each of many thousand partitions. Thread-safe.
 *
 * @param <T> what waits
 */
public final class BoundedQueue<T> {
  /** The number of waiting items from which on the memory is given back once nothing waits. */
  private static final int MANY = 256;

  private final int max;
  private ArrayDeque<T> waiting = new ArrayDeque<>(1); // guarded by this
  private boolean large; // guarded by this

  /**
   * Nothing waits.
   *
   * @param max how many may wait
   */
  public BoundedQueue(int max) {
    this.max = max;
  }

  /** Has one more wait; false if as many wait as may. */
  public synchronized boolean offer(T one) {
    if (waiting.size() >= max) {
      return false;
    }
    waiting.add(one);
    large |= waiting.size() > MANY;
    return true;
  }

  /** The one that has waited longest; null for none. */
  public synchronized T peek() {
    return waiting.peek();
  }

  /** Takes the one that has waited longest; null for none. */
  public synchronized T poll() {
    T first = waiting.poll();
    if (large && waiting.isEmpty()) {
      waiting = new ArrayDeque<>(1);
      large = false;
    }
    return first;
  }

  /** Takes one out wherever it is; false if it does not wait. */
  public synchronized boolean remove(T one) {
    return waiting.remove(one);
  }

  /** Returns whether nothing waits. */
  public synchronized boolean isEmpty() {
    return waiting.isEmpty();
  }
}
