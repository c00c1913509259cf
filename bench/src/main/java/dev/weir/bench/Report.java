package dev.weir.bench;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * All that was measured, as a table for people and as JSON. Immutable.
 *
 * @param time when
 * @param machine on what
 * @param options with which settings
 * @param runs the runs without relays
 * @param wire the run that counted bytes; empty: none
 */
record Report(
    Instant time,
    Machine machine,
    Options options,
    List<RunResult> runs,
    Optional<WireResult> wire) {
  private static final double RATE_REQUIRED = 1_000_000;
  private static final double WIRE_BYTES_ALLOWED = 13;

  /** Whether every reading of every run was right. */
  boolean allRight() {
    return runs.stream().allMatch(run -> run.outcome().problems().isEmpty())
        && wire.stream().allMatch(result -> result.run().outcome().problems().isEmpty());
  }

  String markdown() {
    List<String> lines = new ArrayList<>();
    lines.add("Machine: " + machine);
    lines.add("");
    lines.add(
        "| run | acked/s | delivered/s | CPU s per million: server | publisher | subscriber"
            + " | total | GC ms: server | publisher | subscriber | every reading right |");
    lines.add("|---|---|---|---|---|---|---|---|---|---|---|");
    for (int i = 0; i < runs.size(); i++) {
      lines.add(row(String.valueOf(i + 1), runs.get(i)));
    }
    wire.ifPresent(result -> lines.add(row("bytes", result.run())));
    lines.add("");
    if (!runs.isEmpty()) {
      addRates(lines);
    }
    wire.ifPresent(result -> addWire(lines, result));
    return String.join("\n", lines);
  }

  private static String row(String name, RunResult run) {
    List<String> problems = run.outcome().problems();
    return String.format(
        Locale.ROOT,
        "| %s | %,.0f | %,.0f | %.3f | %.3f | %.3f | %.3f | %d | %d | %d | %s |",
        name,
        run.acknowledgedPerSecond(),
        run.deliveredPerSecond(),
        run.cpu(run.server()),
        run.cpu(run.publishers()),
        run.cpu(run.subscriber()),
        run.cpuSecondsPerMillion(),
        run.server().gcMillis(),
        run.publishers().gcMillis(),
        run.subscriber().gcMillis(),
        problems.isEmpty()
            ? String.format(Locale.ROOT, "yes, %,d", run.outcome().delivered())
            : "NO: " + String.join("; ", problems));
  }

  private void addRates(List<String> lines) {
    Spread acknowledged = acknowledged();
    Spread delivered = delivered();
    lines.add("| over all runs | median | min | max |");
    lines.add("|---|---|---|---|");
    lines.add(rates("acked/s, " + runs.get(0).outcome().durability(), acknowledged));
    lines.add(rates("delivered/s, every value checked", delivered));
    lines.add("");
    double least = Math.min(acknowledged.min(), delivered.min());
    lines.add(
        String.format(
            Locale.ROOT,
            "Target: at least %,.0f readings/s in every run: %s (least %,.0f).",
            RATE_REQUIRED,
            met(least >= RATE_REQUIRED),
            least));
  }

  private static String rates(String name, Spread spread) {
    return String.format(
        Locale.ROOT,
        "| %s | %,.0f | %,.0f | %,.0f |",
        name,
        spread.median(),
        spread.min(),
        spread.max());
  }

  private static void addWire(List<String> lines, WireResult result) {
    double published = result.publisherBytesPerReading();
    double subscribed = result.subscriberBytesPerReading();
    long readings = result.run().outcome().delivered();
    lines.add(
        String.format(
            Locale.ROOT,
            "Target: at most %.0f wire bytes per reading, both directions, counted at the sockets"
                + " of %,d readings: %s (publisher %.2f + %.3f back, subscriber %.2f + %.3f back).",
            WIRE_BYTES_ALLOWED,
            readings,
            met(Math.max(published, subscribed) <= WIRE_BYTES_ALLOWED),
            WireResult.perReading(result.toServer(), readings),
            WireResult.perReading(result.acks(), readings),
            WireResult.perReading(result.toSubscriber(), readings),
            WireResult.perReading(result.credit(), readings)));
  }

  private static String met(boolean met) {
    return met ? "met" : "NOT MET";
  }

  private Spread acknowledged() {
    return Spread.of(runs, RunResult::acknowledgedPerSecond);
  }

  private Spread delivered() {
    return Spread.of(runs, RunResult::deliveredPerSecond);
  }

  String json() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("time", time.toString());
    map.put("machine", machine.toMap());
    map.put("settings", options.all());
    map.put("all_right", allRight());
    if (!runs.isEmpty()) {
      map.put("readings_per_second_required", RATE_REQUIRED);
      map.put("acknowledged_per_second", acknowledged().toMap());
      map.put("delivered_per_second", delivered().toMap());
      map.put("runs", runs.stream().map(RunResult::toMap).toList());
    }
    wire.ifPresent(
        result -> {
          map.put("wire_bytes_per_reading_allowed", WIRE_BYTES_ALLOWED);
          map.put("wire", result.toMap());
        });
    return Json.write(map) + "\n";
  }
}
