package dev.weir.cli;

import dev.weir.client.SubscriberListener;
import dev.weir.client.WeirException;
import dev.weir.v1.Gap;
import dev.weir.v1.SubscriptionStatus;
import java.io.PrintStream;
import java.time.Duration;

/**
 * Tells people what happens to a tail besides readings. Owned by the subscriber's thread; the count
 * may be read by any.
 */
final class TailWatch implements SubscriberListener {
  private final PrintStream err;
  private final String server;
  private volatile long readingsLost;
  private boolean disconnected;

  TailWatch(PrintStream err, String server) {
    this.err = err;
    this.server = server;
  }

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
    // At least one: a damaged range may not know how many it held.
    readingsLost = Math.addExact(readingsLost, Math.max(1, gap.getReadings()));
    err.printf(
        "weir: %s%d readings of partition %d are lost (%s), from cursor %s to %s%n",
        gap.getUpperBound() ? "up to " : "",
        gap.getReadings(),
        gap.getPartition(),
        gap.getReason(),
        gap.getFromCursor(),
        gap.getToCursor());
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
