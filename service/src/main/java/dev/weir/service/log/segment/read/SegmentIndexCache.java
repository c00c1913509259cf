package dev.weir.service.log.segment.read;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.segment.file.Segment;
import dev.weir.service.log.segment.file.SegmentIndex;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The indexes of sealed segments, within a budget of bytes, least recently used dropped first. Who
 * wants an index that is being built waits for it. Thread-safe.
 */
public final class SegmentIndexCache {
  /** A part of the budget is for indexes; others have the rest. */
  private static final int BUDGET_PART = 8;

  /** Builds an index. */
  @FunctionalInterface
  public interface Builder {
    SegmentIndex build() throws IOException;
  }

  /** One that is being built, guarded by itself. */
  private static final class Building {
    private SegmentIndex index;
  }

  private final Map<Segment, SegmentIndex> indexes =
      new LinkedHashMap<>(16, 0.75f, true); // guarded by this, as the rest
  private final Map<Segment, Building> building = new HashMap<>();
  private final int segmentsMax;
  private final Budget budget;
  private long bytes;

  /**
   * An empty one.
   *
   * @param segmentsMax how many indexes at most
   * @param budget of bytes that others use too
   */
  public SegmentIndexCache(int segmentsMax, Budget budget) {
    this.segmentsMax = segmentsMax;
    this.budget = budget;
  }

  /** The index of a segment, built if it is not there. Blocks on disk. */
  public SegmentIndex get(Segment segment, Builder builder) throws IOException {
    Building under;
    synchronized (this) {
      SegmentIndex known = indexes.get(segment);
      if (known != null) {
        return known;
      }
      under = building.computeIfAbsent(segment, none -> new Building());
    }
    try {
      synchronized (under) {
        if (under.index == null) { // also where who was at it failed
          under.index = builder.build();
        }
      }
    } finally {
      synchronized (this) {
        building.remove(segment, under);
      }
    }
    put(segment, under.index);
    return under.index;
  }

  /**
   * Keeps an index that does not grow any more, if there is room, or where older ones make way.
   * When others have used up the budget, no more of them go than the new one takes.
   */
  public synchronized void put(Segment segment, SegmentIndex index) {
    long more = index.bytes();
    long most = budget.max() / BUDGET_PART;
    if (indexes.containsKey(segment) || more > most || budget.lacks(0)) {
      return;
    }
    long freed = 0;
    while (!indexes.isEmpty()
        && (indexes.size() >= segmentsMax
            || bytes + more > most
            || freed < more && budget.lacks(more))) {
      freed += removeEldest();
    }
    if (budget.takeIfFree(more)) {
      bytes += more;
      indexes.put(segment, index);
    }
  }

  /** The bytes that it held. */
  private long removeEldest() {
    Iterator<SegmentIndex> eldest = indexes.values().iterator();
    long less = eldest.next().bytes();
    eldest.remove();
    bytes -= less;
    budget.giveBack(less);
    return less;
  }

  /** Forgets the index of a segment that is deleted. */
  synchronized void remove(Segment segment) {
    SegmentIndex gone = indexes.remove(segment);
    if (gone != null) {
      bytes -= gone.bytes();
      budget.giveBack(gone.bytes());
    }
  }

  /** Forgets all. */
  public synchronized void close() {
    while (!indexes.isEmpty()) {
      removeEldest();
    }
  }
}
