package dev.weir.it.squeeze;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The state of a server that nobody abuses. Immutable.
 *
 * @param latencies of each honest client
 * @param budgets what is held
 * @param descriptors how many are open
 */
record Baseline(
    SqueezeOptions terms, Map<String, Latencies> latencies, BudgetTable budgets, int descriptors) {
  private static final double TIMES = 3;
  private static final int DESCRIPTORS_MORE = 16;

  /** The length of the present. It ends a moment ago, as what is due now is not done. */
  private static final Duration NOW = Duration.ofMillis(500);

  static Baseline of(
      SqueezeOptions terms,
      HonestClients honest,
      long fromNanos,
      BudgetTable budgets,
      int descriptors) {
    long to = System.nanoTime() - NOW.toNanos();
    return new Baseline(
        terms, new LinkedHashMap<>(honest.latencies(fromNanos, to)), budgets, descriptors);
  }

  /** Returns the bound on the p99 of one of the honest. */
  double boundMillis(String client) {
    double floor = terms.latencyFloor().toMillis();
    return Math.max(latencies.get(client).p99Millis() * TIMES, floor);
  }

  /** Lists the differences from this state; empty: it is quiet again. */
  List<String> missing(BudgetTable now, int descriptorsNow, HonestClients honest) {
    if (now.isEmpty()) {
      return List.of("GetServerInfo is not answered");
    }
    List<String> missing = new ArrayList<>(now.above(budgets));
    if (descriptorsNow > descriptors + DESCRIPTORS_MORE) {
      missing.add("descriptors " + descriptorsNow + ", quiet " + descriptors);
    }
    honest
        .refusedTimes()
        .forEach(
            (client, time) -> {
              if (time.isRefused()) {
                missing.add(client + " is refused");
              }
            });
    long to = System.nanoTime() - NOW.toNanos();
    honest
        .latencies(to - NOW.toNanos(), to)
        .forEach(
            (client, latest) -> {
              if (latest.p99Millis() > boundMillis(client)) {
                missing.add(client + " " + latest);
              }
            });
    return missing;
  }

  @Override
  public String toString() {
    return latencies + ", " + descriptors + " descriptors" + budgets;
  }
}
