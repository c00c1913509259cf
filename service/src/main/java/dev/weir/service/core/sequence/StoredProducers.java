package dev.weir.service.core.sequence;

import dev.weir.common.OwnedBy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Committed producers in the order in which they were stored. Those that are open are kept out of
 * the order in which producers are forgotten, so that finding the next one to forget never passes
 * them, however many there are. Owned by the partition's writer.
 */
@OwnedBy("partition writer")
final class StoredProducers {
  /** A producer as of its newest record. */
  static final class Stored {
    private final String id;
    private ProducerEntry entry;
    private long place; // greater than those of all that were stored before
    private boolean open;

    private Stored(String id) {
      this.id = id;
    }

    String id() {
      return id;
    }

    ProducerEntry entry() {
      return entry;
    }
  }

  private final Map<String, Stored> byId = new HashMap<>();

  /** Holds the closed producers by their place: the first is forgotten next. */
  private final TreeMap<Long, Stored> closed = new TreeMap<>();

  private long lastPlace;

  int size() {
    return byId.size();
  }

  /** Counts the closed producers. */
  int closedCount() {
    return closed.size();
  }

  boolean has(String id) {
    return byId.containsKey(id);
  }

  /** Returns the committed entry of a producer; null where it is not remembered. */
  ProducerEntry get(String id) {
    Stored stored = byId.get(id);
    return stored == null ? null : stored.entry;
  }

  /**
   * Stores a producer behind all others.
   *
   * @param isOpen whether a new one is open
   * @return whether it is new
   */
  boolean store(String id, ProducerEntry entry, boolean isOpen) {
    Stored stored = byId.get(id);
    boolean isNew = stored == null;
    if (isNew) {
      stored = new Stored(id);
      stored.open = isOpen;
      byId.put(id, stored);
    } else if (!stored.open) {
      closed.remove(stored.place);
    }
    stored.entry = entry;
    stored.place = ++lastPlace;
    if (!stored.open) {
      closed.put(stored.place, stored);
    }
    return isNew;
  }

  /** A producer is open from now on, or closed; nothing where it is not remembered. */
  void open(String id, boolean isOpen) {
    Stored stored = byId.get(id);
    if (stored == null) {
      return;
    }
    stored.open = isOpen;
    if (isOpen) {
      closed.remove(stored.place);
    } else {
      closed.put(stored.place, stored);
    }
  }

  /** Forgets a producer that is closed. */
  void forget(String id) {
    closed.remove(byId.remove(id).place);
  }

  /** The least recently stored one that is closed; null for none. */
  Stored oldestClosed() {
    return closed.isEmpty() ? null : closed.firstEntry().getValue();
  }

  /** All of them, the least recently stored first. */
  List<Stored> inOrder() {
    List<Stored> open = new ArrayList<>(byId.size() - closed.size());
    for (Stored each : byId.values()) {
      if (each.open) {
        open.add(each);
      }
    }
    open.sort(Comparator.comparingLong(each -> each.place));
    List<Stored> all = new ArrayList<>(byId.size());
    int next = 0;
    for (Stored each : closed.values()) {
      for (; next < open.size() && open.get(next).place < each.place; next++) {
        all.add(open.get(next));
      }
      all.add(each);
    }
    all.addAll(open.subList(next, open.size()));
    return all;
  }
}
