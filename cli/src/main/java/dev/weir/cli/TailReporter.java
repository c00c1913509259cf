package dev.weir.cli;

import dev.weir.client.SubscriberListener;
import dev.weir.client.WeirException;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.SubscriptionStatus;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Set;

/**
 * Reports to people what happens to a tail besides readings. Owned by the subscriber's thread; the
 * count may be read by any.
 */
final class TailReporter implements SubscriberListener {
  private static final Set<GapReason> ASKED_FOR =
      Set.of(
          GapReason.GAP_REASON_CONFLATED,
          GapReason.GAP_REASON_DROPPED,
          GapReason.GAP_REASON_TOO_OLD,
          GapReason.GAP_REASON_CURSOR_EXPIRED);

  private final PrintStream err;
  private final String server;
  private volatile long readingsLost;
  private boolean disconnected;

  TailReporter(PrintStream err, String server) {
    this.err = err;
    this.server = server;
  }

  /** Readings that are missing although no option asked to skip them. */
  long readingsLost() {
    return readingsLost;
  }

  @Override
  public void onActive(SubscriptionStatus status) {
    if (disconnected) {
      disconnected = false;
      err.println("weir: connected to " + server + " again; going on where it was");
    }
  }

  @Override
  public void onGap(Gap gap) {
    boolean asked = ASKED_FOR.contains(gap.getReason());
    if (!asked) {
      // At least one: a damaged range may not know how many it held.
      readingsLost = Math.addExact(readingsLost, Math.max(1, gap.getReadings()));
    }
    err.printf(
        "weir: %s%d readings of partition %d are %s (%s)%s%n",
        gap.getUpperBound() ? "up to " : "",
        gap.getReadings(),
        gap.getPartition(),
        asked ? "skipped" : "lost",
        gap.getReason(),
        gap.getToCursor().isEmpty()
            ? ""
            : ", from cursor " + gap.getFromCursor() + " to " + gap.getToCursor());
  }

  @Override
  public void onPhase(PhaseChange phase) {
    String words =
        switch (phase.getPhase()) {
          case PHASE_CAUGHT_UP -> "caught up: everything stored so far is printed";
          case PHASE_FELL_BEHIND -> "fell behind: reading on from the log";
          case PHASE_SNAPSHOT_BEGIN -> "snapshot begins: the last value of each sensor";
          case PHASE_SNAPSHOT_END -> "snapshot ends: what was stored after it follows";
          default -> phase.getPhase().toString();
        };
    err.println("weir: " + words + at(phase.getCursor()));
  }

  private static String at(String cursor) {
    return cursor.isEmpty() ? "" : " (cursor " + cursor + ")";
  }

  @Override
  public void onDisconnected(WeirException cause, Duration retryIn) {
    if (!disconnected) {
      disconnected = true;
      err.println(
          "weir: the connection to " + server + " broke, trying again: " + cause.getMessage());
    }
  }
}
