package dev.weir.service.sim;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** The last things that happened in a world. Owned by one thread. */
final class SimTrace {
  private static final int KEPT = 64;

  private record Event(long nanos, String what, Object who, Object which) {
    @Override
    public String toString() {
      String rest = which == null ? "" : " " + String.valueOf(which).replaceAll("\\s+", " ");
      return String.format("  %12.6f ms  %s %s%s", nanos / 1e6, who, what, rest);
    }
  }

  private final PrintStream everything;
  private final Event[] last = new Event[KEPT];
  private int count;
  private long hash;

  /**
   * @param everything where all of it is printed as it happens; null for nowhere
   */
  SimTrace(PrintStream everything) {
    this.everything = everything;
  }

  void add(long nanos, String what, Object who, Object which) {
    Event event = new Event(nanos, what, who, which);
    last[count++ % KEPT] = event;
    hash = hash * 31 + what.hashCode() * 17L + nanos;
    if (everything != null) {
      everything.println(event);
    }
  }

  /** Differs where something else happened, or at another time. */
  long hash() {
    return hash;
  }

  /** The last events, in order. */
  List<String> last() {
    List<String> events = new ArrayList<>();
    for (int i = Math.max(0, count - KEPT); i < count; i++) {
      events.add(last[i % KEPT].toString());
    }
    return events;
  }

  static String stack(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
