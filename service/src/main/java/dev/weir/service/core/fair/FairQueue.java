package dev.weir.service.core.fair;

import dev.weir.service.core.fair.CostQueue.Party;
import java.util.HashMap;
import java.util.Map;

/**
 * A bounded queue that keys share by cost, as in {@link CostQueue}: whoever has much in it, or what
 * takes long, does not delay whoever has little. A key is known as long as it has something in it
 * or under way, and what it cost until the others have cost as much. Not thread-safe: its owner
 * guards it.
 *
 * @param <T> what is queued
 */
public final class FairQueue<T> {
  private record Item<T>(Object key, T item) {}

  private static final class Sharer<T> {
    final Party<Item<T>> party;
    int underWay;

    Sharer(Party<Item<T>> party) {
      this.party = party;
    }
  }

  private final int itemsMax;
  private final int itemsPerKeyMax;
  private final Map<Object, Sharer<T>> byKey = new HashMap<>();
  private final CostQueue<Item<T>> queue;

  /**
   * An empty queue.
   *
   * @param itemsMax how many items may be offered to it before one is taken
   * @param itemsPerKeyMax how many of them may be of one key
   * @param turnCost what each item costs at least
   */
  public FairQueue(int itemsMax, int itemsPerKeyMax, long turnCost) {
    this.itemsMax = itemsMax;
    this.itemsPerKeyMax = itemsPerKeyMax;
    this.queue = new CostQueue<>(Integer.MAX_VALUE, turnCost);
  }

  /** Returns how many items are in it. */
  public int size() {
    return queue.size();
  }

  /** Takes an item, behind the others of its key; false where there is no room for it. */
  public boolean offer(Object key, T item) {
    Sharer<T> sharer = byKey.get(key);
    if (size() >= itemsMax || sharer != null && sharer.party.size() >= itemsPerKeyMax) {
      return false;
    }
    add(key, item);
    return true;
  }

  /** Takes an item for which there was room before, also where there is none now. */
  public void add(Object key, T item) {
    Sharer<T> sharer = byKey.computeIfAbsent(key, first -> new Sharer<>(queue.join(first)));
    queue.offer(sharer.party, new Item<>(key, item));
  }

  /**
   * Gives the next item of the key that has cost least; null where the queue is empty. It is under
   * way until it is {@link #done}.
   */
  public T poll() {
    Item<T> next = queue.poll();
    if (next == null) {
      return null;
    }
    byKey.get(next.key()).underWay++;
    return next.item();
  }

  /** An item of a key is no longer under way, and has cost so much beside the least. */
  public void done(Object key, long cost) {
    Sharer<T> sharer = byKey.get(key);
    sharer.underWay--;
    queue.charge(sharer.party, cost);
    forgetIfIdle(key, sharer);
  }

  /** Takes an item out; false where it is not in it. */
  public boolean remove(Object key, T item) {
    Sharer<T> sharer = byKey.get(key);
    if (sharer == null || !queue.remove(sharer.party, new Item<>(key, item))) {
      return false;
    }
    forgetIfIdle(key, sharer);
    return true;
  }

  private void forgetIfIdle(Object key, Sharer<T> sharer) {
    if (sharer.underWay == 0 && sharer.party.size() == 0) {
      byKey.remove(key);
      queue.leave(key, sharer.party);
    }
  }
}
