package dev.weir.service.core.fair;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Queue;
import java.util.TreeSet;

/**
 * A bounded queue whose parties share by cost: whoever has cost little so far is next, and what an
 * item cost is told when it is done. (Start-time fair queuing: Goyal, Vin and Cheng, SIGCOMM 1996.)
 * A party that comes with one item waits for one item of each of the others at most, however many
 * they have. Within a party, first in is first out. What a party that leaves has cost is kept until
 * the queue's clock has passed it, so that one item after the other costs as much as many that
 * wait. Everything takes logarithmic time in the number of parties but {@link #remove}. Not
 * thread-safe: its owner guards it, and its parties.
 *
 * @param <T> what is queued
 */
public final class CostQueue<T> {
  /**
   * A party that shares one queue. The queue knows it while it has items; after it has left, until
   * the queue's clock has passed what the party cost.
   *
   * @param <T> what is queued
   */
  public static final class Party<T> {
    private Queue<T> items; // null before the first one
    private long start; // what the queue's clock showed when its turn began, or what it cost since
    private long order;
    private Object key; // by which it left

    int size() {
      return items == null ? 0 : items.size();
    }
  }

  /** The queue keeps what parties that left have cost for at most so many of them. */
  static final int LEFT_MAX = 1_024;

  private final int itemsMax;
  private final long turnCost;
  private final NavigableSet<Party<T>> waiting = inOrder();
  private final NavigableSet<Party<T>> left = inOrder(); // all start later than the clock
  private final Map<Object, Party<T>> leftByKey = new HashMap<>();
  private long clock;
  private long orders;
  private int size;

  /**
   * An empty queue.
   *
   * @param itemsMax how many items may be in it
   * @param turnCost what each item costs at least
   */
  public CostQueue(int itemsMax, long turnCost) {
    this.itemsMax = itemsMax;
    this.turnCost = turnCost;
  }

  private static <T> NavigableSet<Party<T>> inOrder() {
    return new TreeSet<>(
        Comparator.<Party<T>>comparingLong(party -> party.start)
            .thenComparingLong(party -> party.order));
  }

  /** The party that left by a key, with what it cost; a new one where nothing is known of it. */
  public Party<T> join(Object key) {
    Party<T> party = leftByKey.remove(key);
    if (party == null) {
      return new Party<>();
    }
    left.remove(party);
    return party;
  }

  /**
   * A party has no items, and none that it may still be charged for. Whoever joins by its key goes
   * on with what it cost. Where that would be kept of more than {@value #LEFT_MAX}, the clock goes
   * on to the one that cost least: all others have then cost as much.
   */
  public void leave(Object key, Party<T> party) {
    if (party.start <= clock) {
      return;
    }
    party.key = key;
    party.order = orders++;
    left.add(party);
    leftByKey.put(key, party);
    if (left.size() > LEFT_MAX) {
      advance(left.first().start);
    }
  }

  /** Counts the parties that left and whose cost is still kept. */
  int left() {
    return left.size();
  }

  private void advance(long start) {
    clock = Math.max(clock, start);
    while (!left.isEmpty() && left.first().start <= clock) {
      leftByKey.remove(left.pollFirst().key);
    }
  }

  /** Returns how many items are in it. */
  public int size() {
    return size;
  }

  /** Returns whether others than a party have items in it. */
  boolean hasOthers(Party<T> party) {
    return waiting.size() > (party.size() == 0 ? 0 : 1);
  }

  /** Takes an item, behind the others of its party; false where there is no room for it. */
  public boolean offer(Party<T> party, T item) {
    if (size >= itemsMax) {
      return false;
    }
    if (party.items == null) {
      party.items = new ArrayDeque<>(1);
    }
    boolean first = party.items.isEmpty();
    party.items.add(item);
    size++;
    if (first) {
      party.start = Math.max(party.start, clock); // nobody saves up turns
      await(party);
    }
    return true;
  }

  private void await(Party<T> party) {
    party.order = orders++;
    waiting.add(party);
  }

  /** Has a party that waits in this queue wait in another one, which it enters as a new one. */
  void move(Party<T> party, CostQueue<T> to) {
    waiting.remove(party);
    size -= party.size();
    to.size += party.size();
    party.start = to.clock;
    to.await(party);
  }

  /** Gives the next item of the party that is next, at the least cost; null for nothing. */
  public T poll() {
    Party<T> party = waiting.pollFirst();
    if (party == null) {
      return null;
    }
    advance(party.start);
    party.start += turnCost;
    T item = party.items.remove();
    size--;
    if (!party.items.isEmpty()) {
      await(party);
    }
    return item;
  }

  /** An item of a party has cost more than the least. */
  public void charge(Party<T> party, long cost) {
    boolean waits = waiting.remove(party);
    party.start += cost;
    if (waits) {
      waiting.add(party);
    }
  }

  /** Takes an item out that was not given; false where it is not in it. */
  public boolean remove(Party<T> party, T item) {
    if (party.items == null || !party.items.remove(item)) {
      return false;
    }
    size--;
    if (party.items.isEmpty()) {
      waiting.remove(party);
    }
    return true;
  }
}
