package dev.weir.it.proxy;

import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Decides which connections suffer which fault, until enough cuts have hit something, and counts
 * them. Thread-safe.
 */
public final class ConnectionFaultPlan {
  private final int afterMax;
  private final int amountMax;
  private final long hitsWanted;
  private final Random random; // guarded by this
  private final Map<ConnectionFault.Kind, Integer> hits =
      new EnumMap<>(ConnectionFault.Kind.class); // guarded by this
  private long total; // guarded by this
  private long messages; // guarded by this
  private int idle; // guarded by this
  private boolean over; // guarded by this

  /**
   * Harm until so many cuts have hit unacknowledged or undelivered data.
   *
   * @param afterMax most messages that come before it
   * @param amountMax most messages that it lasts
   */
  public ConnectionFaultPlan(long seed, int afterMax, int amountMax, long hitsWanted) {
    this.random = new Random(seed);
    this.afterMax = afterMax;
    this.amountMax = amountMax;
    this.hitsWanted = hitsWanted;
  }

  /** The next harm; null where there was enough. */
  synchronized ConnectionFault next() {
    return isEnough() ? null : ConnectionFault.random(random, afterMax, amountMax);
  }

  /** No more. */
  synchronized void end() {
    over = true;
  }

  /** A connection was cut while so many messages were open. */
  synchronized void onCut(ConnectionFault.Kind kind, int open) {
    if (open > 0) {
      hits.merge(kind, 1, Integer::sum);
      total++;
      messages += open;
    } else {
      idle++;
    }
  }

  /** Returns whether enough cuts have hit something. */
  public synchronized boolean isEnough() {
    return over || total >= hitsWanted;
  }

  /** Cuts that hit something. */
  public synchronized long hits() {
    return total;
  }

  /** Cuts that hit something, of one kind. */
  public synchronized int hits(ConnectionFault.Kind kind) {
    return hits.getOrDefault(kind, 0);
  }

  @Override
  public synchronized String toString() {
    String kinds =
        hits.entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", "));
    return total
        + " cuts that hit "
        + messages
        + " messages ("
        + kinds
        + "), "
        + idle
        + " that hit none";
  }
}
