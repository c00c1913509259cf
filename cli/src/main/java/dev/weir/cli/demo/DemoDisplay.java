package dev.weir.cli.demo;

import dev.weir.cli.shell.StandardStreams;
import dev.weir.common.OwnedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Shows a running demo: a table drawn anew on a terminal, plain lines elsewhere. Owned by the demo.
 */
@OwnedBy("main thread")
final class DemoDisplay {
  private static final int ROWS_MAX = 14;
  private static final int PLAIN_EVERY = 4;
  private static final int PLAIN_VALUES = 4;
  private static final String[] BYTE_UNITS = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};

  private final StandardStreams streams;
  private int linesDrawn;
  private int calls;

  DemoDisplay(StandardStreams streams) {
    this.streams = streams;
  }

  /**
   * One look at the demo.
   *
   * @param seconds since its start
   * @param published readings so far
   * @param delivered readings so far
   * @param perSecond deliveries lately
   * @param p50Ms latency so far
   * @param p99Ms latency so far
   * @param values newest value of each sensor
   */
  record Snapshot(
      long seconds,
      long published,
      long delivered,
      double perSecond,
      double p50Ms,
      double p99Ms,
      Map<String, DemoProcessOutput.Live> values) {
    String headline() {
      return String.format(
          Locale.ROOT,
          "%4d s  published %,d  delivered %,d  %,.0f/s  latency p50 %.2f ms  p99 %.2f ms",
          seconds,
          published,
          delivered,
          perSecond,
          p50Ms,
          p99Ms);
    }
  }

  void show(Snapshot look) {
    if (streams.outIsTerminal()) {
      draw(look);
    } else if (calls++ % PLAIN_EVERY == 0) {
      StringBuilder line = new StringBuilder(look.headline());
      look.values().entrySet().stream()
          .limit(PLAIN_VALUES)
          .forEach(at -> line.append("  ").append(at.getKey()).append(' ').append(text(at)));
      streams.say(line.toString());
    }
  }

  private void draw(Snapshot look) {
    List<String> lines = new ArrayList<>();
    lines.add(look.headline());
    look.values().entrySet().stream()
        .limit(ROWS_MAX)
        .forEach(at -> lines.add(String.format("  %-32s %16s", at.getKey(), text(at))));
    if (look.values().size() > ROWS_MAX) {
      lines.add("  and " + (look.values().size() - ROWS_MAX) + " more sensors");
    }
    if (linesDrawn > 0) {
      streams.out().print("\u001b[" + linesDrawn + "A");
    }
    for (String line : lines) {
      streams.out().print("\r" + line + "\u001b[K\n");
    }
    linesDrawn = lines.size();
    streams.flush();
  }

  private static String text(Map.Entry<String, DemoProcessOutput.Live> at) {
    double value = at.getValue().value();
    String unit = at.getValue().unit();
    if (!unit.startsWith("By")) {
      return String.format(Locale.ROOT, "%.1f %s", value, unit.equals("Cel") ? "°C" : unit);
    }
    int power = 0;
    while (Math.abs(value) >= 1024 && power < BYTE_UNITS.length - 1) {
      value /= 1024;
      power++;
    }
    return String.format(Locale.ROOT, "%.1f %sB%s", value, BYTE_UNITS[power], unit.substring(2));
  }
}
