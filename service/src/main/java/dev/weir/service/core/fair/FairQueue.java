package dev.weir.service.core.fair;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * A bounded queue in which each key has a turn: whoever has much in it does not delay whoever has
 * little. (Fair queuing: Nagle, RFC 970.) Within a key, first in is first out. Everything takes
 * constant time but {@link #remove}. Not thread-safe: its owner guards it.
 *
 * @param <T> what is queued
 */
public final class FairQueue<T> {
  /** What one key has in the queue; in {@code turns} as long as that is something. */
  private record Turn<T>(Object key, Queue<T> items) {}

  private final int itemsMax;
  private final int itemsPerKeyMax;
  private final Map<Object, Turn<T>> byKey = new HashMap<>();
  private final Queue<Turn<T>> turns = new ArrayDeque<>();
  private int size;

  /**
   * An empty queue.
   *
   * @param itemsMax how many items may be offered to it before one is taken
   * @param itemsPerKeyMax how many of them may be of one key
   */
  public FairQueue(int itemsMax, int itemsPerKeyMax) {
    this.itemsMax = itemsMax;
    this.itemsPerKeyMax = itemsPerKeyMax;
  }

  /** How many items are in it. */
  public int size() {
    return size;
  }

  /** Takes an item, behind the others of its key; false where there is no room for it. */
  public boolean offer(Object key, T item) {
    Turn<T> turn = byKey.get(key);
    if (size >= itemsMax || turn != null && turn.items().size() >= itemsPerKeyMax) {
      return false;
    }
    add(key, item);
    return true;
  }

  /** Takes an item for which there was room before, also where there is none now. */
  public void add(Object key, T item) {
    Turn<T> turn = byKey.get(key);
    if (turn == null) {
      turn = new Turn<>(key, new ArrayDeque<>(1));
      byKey.put(key, turn);
      turns.add(turn);
    }
    turn.items().add(item);
    size++;
  }

  /** Gives the next item of the key whose turn it is; null where the queue is empty. */
  public T poll() {
    Turn<T> turn = turns.poll();
    if (turn == null) {
      return null;
    }
    T item = turn.items().remove();
    size--;
    if (turn.items().isEmpty()) {
      byKey.remove(turn.key());
    } else {
      turns.add(turn);
    }
    return item;
  }

  /** Takes an item out; false where it is not in it. */
  public boolean remove(Object key, T item) {
    Turn<T> turn = byKey.get(key);
    if (turn == null || !turn.items().remove(item)) {
      return false;
    }
    size--;
    if (turn.items().isEmpty()) {
      byKey.remove(key);
      turns.remove(turn);
    }
    return true;
  }
}
