package dev.weir.service.sim;

import java.util.Map;
import java.util.TreeMap;

/** Counts by name, in the order of names. Owned by one thread. */
final class NamedCounts {
  private final Map<String, long[]> counts = new TreeMap<>();

  void add(String what) {
    add(what, 1);
  }

  void add(String what, long more) {
    counts.computeIfAbsent(what, name -> new long[1])[0] += more;
  }

  void addAll(NamedCounts other) {
    other.counts.forEach((what, count) -> add(what, count[0]));
  }

  long get(String what) {
    long[] count = counts.get(what);
    return count == null ? 0 : count[0];
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    counts.forEach((what, count) -> text.append(String.format("  %,12d  %s%n", count[0], what)));
    return text.toString();
  }
}
