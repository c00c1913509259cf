package dev.weir.it.proof;

import dev.weir.faultinjection.KillPoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts the points at which servers died, with the batches under way then. Owned by the audit. */
final class KillCounts {
  private final Map<String, List<Integer>> unacknowledged = new LinkedHashMap<>();
  private int missed;

  KillCounts() {
    for (KillPoint point : KillPoint.values()) {
      unacknowledged.put(point.word(), new ArrayList<>());
    }
    unacknowledged.put(KillPlan.ANYWHERE, new ArrayList<>());
  }

  void add(String where, int batches) {
    unacknowledged.get(where).add(batches);
  }

  /** A point was not reached in time, and the server was killed from outside. */
  void addMissed(int batches) {
    missed++;
    add(KillPlan.ANYWHERE, batches);
  }

  int total() {
    return unacknowledged.values().stream().mapToInt(List::size).sum();
  }

  /** Kills at the point that had the fewest. */
  int least() {
    return unacknowledged.values().stream().mapToInt(List::size).min().orElse(0);
  }

  int missed() {
    return missed;
  }

  /** Kills while nothing was unacknowledged, which show little. */
  int idle() {
    return (int)
        unacknowledged.values().stream()
            .flatMap(List::stream)
            .filter(batches -> batches == 0)
            .count();
  }

  /** One line per point: kills, and the least, the middle and the most batches unacknowledged. */
  String table() {
    StringBuilder table =
        new StringBuilder("| point | kills | unacknowledged batches |\n|---|--:|--:|\n");
    unacknowledged.forEach(
        (point, batches) -> {
          List<Integer> sorted = new ArrayList<>(batches);
          Collections.sort(sorted);
          table.append("| " + point + " | " + sorted.size() + " | ");
          table.append(
              sorted.isEmpty()
                  ? "–"
                  : sorted.get(0)
                      + " / "
                      + sorted.get(sorted.size() / 2)
                      + " / "
                      + sorted.get(sorted.size() - 1));
          table.append(" |\n");
        });
    return table.toString();
  }
}
