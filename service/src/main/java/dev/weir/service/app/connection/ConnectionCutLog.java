package dev.weir.service.app.connection;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Tells the operator of connections that were cut: a line each, but only some a minute, and then
 * how many there were besides. Thread-safe.
 */
public final class ConnectionCutLog {
  /** Lines of one minute. */
  static final int LINES_MAX = 6;

  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  private final LongSupplier clock;
  private final Consumer<String> lines;
  private boolean begun;
  private long minuteBegin;
  private int told;
  private long untold;

  /** Tells it as lines. */
  public ConnectionCutLog(LongSupplier clock, Consumer<String> lines) {
    this.clock = clock;
    this.lines = lines;
  }

  /** A connection was cut. */
  void cut(Object peer, String reason) {
    tell("The connection of " + peer + " was cut: " + reason);
  }

  /** Something of the kind has happened. */
  public void tell(String what) {
    String line;
    synchronized (this) {
      long now = clock.getAsLong();
      if (!begun || now - minuteBegin >= MINUTE_NANOS) {
        begun = true;
        minuteBegin = now;
        told = 0;
      }
      if (told == LINES_MAX) {
        untold++;
        return;
      }
      told++;
      line = what + besides();
      untold = 0;
    }
    lines.accept(line);
  }

  private String besides() {
    return untold == 0 ? "" : " (and " + untold + " more since the last such line)";
  }
}
