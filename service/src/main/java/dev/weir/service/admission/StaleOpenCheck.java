package dev.weir.service.admission;

import dev.weir.service.core.budget.Budget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds stale opens: an open of a publisher object that arrives behind a newer one of the same
 * object is refused with STALE_OPEN, so that it takes no session from its successor (rule 3 of
 * PublishService). Producers with an open session are remembered, and besides them the {@value
 * #LEFT_MAX} that left last, as far as the budget of sessions has room. Thread-safe; one lock
 * guards everything, and an open takes it a few times.
 */
public final class StaleOpenCheck {
  /** Most producers without an open session that are remembered. */
  static final int LEFT_MAX = 16_384;

  /** Most publisher objects of one producer that are remembered, newest first. */
  private static final int INSTANCES_MAX = 4;

  /** Heap of a producer here besides its id and its objects: its places in a map and a list. */
  private static final int ENTRY_BYTES = 240;

  /** Heap of each of its publisher objects. */
  private static final int INSTANCE_BYTES = 48;

  /**
   * One open of a publisher object.
   *
   * @param logId the topic's log
   * @param producer the producer's id
   * @param instance the number of the publisher object; 0 for none, and then nothing is compared
   * @param number of this open among those of the object; at least 1
   */
  public record Attempt(long logId, String producer, long instance, long number) {
    boolean isCounted() {
      return instance != 0;
    }

    private Producer key() {
      return new Producer(logId, producer);
    }
  }

  private record Producer(long logId, String id) {
    private int bytes() {
      return ENTRY_BYTES + 2 * id.length();
    }
  }

  /** The newest open of a publisher object; the producer's id is held once, by its key. */
  private record Newest(long instance, long number) {}

  private static final class Known {
    private final List<Newest> newest = new ArrayList<>(1); // of each object
    private int open;

    private long newestOf(Attempt attempt) {
      for (Newest known : newest) {
        if (known.instance() == attempt.instance()) {
          return known.number();
        }
      }
      return 0;
    }

    private void put(Attempt attempt) {
      newest.removeIf(known -> known.instance() == attempt.instance());
      newest.add(0, new Newest(attempt.instance(), attempt.number()));
      if (newest.size() > INSTANCES_MAX) {
        newest.remove(INSTANCES_MAX);
      }
    }

    private int bytes() {
      return INSTANCE_BYTES * newest.size();
    }
  }

  private final Budget budget;
  private final Map<Producer, Known> open = new HashMap<>();
  private final Map<Producer, Known> left = new LinkedHashMap<>(); // the one that left first, first

  /**
   * Nobody has opened anything yet.
   *
   * @param budget what this takes of memory is charged to
   */
  public StaleOpenCheck(Budget budget) {
    this.budget = budget;
  }

  /**
   * An open arrived. Where it is not stale, its producer is remembered at least until {@link
   * #left}, which must be called once then.
   *
   * @return whether the object's newest open is another one: then nothing was noted
   */
  public synchronized boolean isStaleOnArrival(Attempt attempt) {
    if (!attempt.isCounted()) {
      return false;
    }
    if (isStale(attempt)) {
      return true;
    }
    Producer producer = attempt.key();
    Known known = open.get(producer);
    if (known == null) {
      known = left.remove(producer);
      if (known == null) {
        known = new Known();
        budget.take(producer.bytes());
      }
      open.put(producer, known);
    }
    known.open++;
    int before = known.bytes();
    known.put(attempt);
    budget.take(known.bytes() - before);
    return false;
  }

  /** Returns whether a newer open of the same object has arrived. */
  public synchronized boolean isStale(Attempt attempt) {
    return attempt.isCounted() && attempt.number() < knownNumber(attempt);
  }

  /** Returns the number of the object's newest open that is known; at least that of this one. */
  public synchronized long newestNumber(Attempt attempt) {
    return Math.max(attempt.number(), knownNumber(attempt));
  }

  private long knownNumber(Attempt attempt) {
    Known known = open.get(attempt.key());
    known = known == null ? left.get(attempt.key()) : known;
    return known == null ? 0 : known.newestOf(attempt);
  }

  /** The session of an open that was not stale has ended. */
  public synchronized void left(Attempt attempt) {
    Producer producer = attempt.key();
    Known known = attempt.isCounted() ? open.get(producer) : null;
    if (known == null || --known.open > 0) {
      return;
    }
    open.remove(producer);
    left.put(producer, known);
    Iterator<Map.Entry<Producer, Known>> eldest = left.entrySet().iterator();
    while (eldest.hasNext() && (left.size() > LEFT_MAX || budget.isNearlyUsed())) {
      Map.Entry<Producer, Known> forgotten = eldest.next();
      budget.giveBack(forgotten.getKey().bytes() + forgotten.getValue().bytes());
      eldest.remove();
    }
  }

  /** Returns the number of producers that are remembered. */
  synchronized int size() {
    return open.size() + left.size();
  }
}
