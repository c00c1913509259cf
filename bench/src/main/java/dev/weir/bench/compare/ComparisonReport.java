package dev.weir.bench.compare;

import dev.weir.bench.JsonWriter;
import dev.weir.bench.MachineInfo;
import dev.weir.bench.MedianRange;
import dev.weir.bench.measure.BenchTarget;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.ScenarioOutcome;
import dev.weir.bench.measure.TargetVerdict;
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
 * @param time when it began
 * @param machine on what
 * @param command the command that was run
 * @param setting how long and how often
 * @param outcomes of every scenario, in order
 */
record ComparisonReport(
    Instant time,
    MachineInfo machine,
    String command,
    RunSettings setting,
    List<ScenarioOutcome> outcomes) {
  private static final double WHOLE_FROM = 1_000;

  /** Returns whether every reading of every round was right. */
  boolean allRight() {
    return outcomes.stream().allMatch(outcome -> outcome.problems().isEmpty());
  }

  String markdown() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| target | what | ours: median (min to max) | against: median (min to max) | figure"
            + " | required | goal | met |");
    lines.add("|---|---|---|---|---|---|---|---|");
    for (ScenarioOutcome outcome : outcomes) {
      outcome.verdicts().forEach(verdict -> lines.add(row(outcome, verdict)));
      outcome.problems().forEach(problem -> lines.add(problemRow(outcome, problem)));
    }
    lines.add("");
    addSystems(lines);
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "%d alternating rounds of %d s after at most %d s of warm-up, until compilers rest and"
                + " it gets no faster, and two rounds by turns that do not count (latency: twice"
                + " that at once; some scenarios have a warm-up of their own), every JVM with %s;"
                + " every reading %s.",
            setting.rounds(),
            setting.windowSeconds(),
            setting.warmupSeconds(),
            String.join(" ", setting.launch().jvm()),
            allRight() ? "accounted for" : "NOT accounted for, see above"));
    lines.add("");
    lines.add("Machine: " + machine);
    lines.add("");
    lines.add("Command: `" + command + "`");
    return String.join("\n", lines);
  }

  private static String row(ScenarioOutcome outcome, TargetVerdict verdict) {
    BenchTarget target = verdict.target();
    String sign = target.bound() == BenchTarget.Bound.AT_LEAST ? "≥ " : "≤ ";
    return String.join(
        " | ",
        "| " + target.id(),
        target.what(),
        side(outcome, target.ours(), verdict.ours()),
        side(outcome, target.theirs(), verdict.theirs()),
        verdict.figure().map(value -> number(value) + unit(target)).orElse("–"),
        sign + number(verdict.required()) + unit(target),
        sign + number(verdict.goal()) + unit(target),
        verdict.met() + " |");
  }

  private static String unit(BenchTarget target) {
    boolean ratio =
        target.form() == BenchTarget.Form.RATIO || target.form() == BenchTarget.Form.QUIET_RATIO;
    return ratio ? " ×" : "";
  }

  private static String side(ScenarioOutcome outcome, String name, Optional<MedianRange> spread) {
    if (name.isEmpty()) {
      return "–";
    }
    ContenderInfo contender = outcome.contenders().get(name);
    if (contender == null || spread.isEmpty()) {
      return name + ": missing: " + outcome.missing().getOrDefault(name, "did not take part");
    }
    MedianRange value = spread.get();
    return String.format(
        "%s (%s): %s (%s to %s)",
        name,
        contender.durability(),
        number(value.median()),
        number(value.min()),
        number(value.max()));
  }

  private static String problemRow(ScenarioOutcome outcome, String problem) {
    return "| FAILED | " + outcome.scenario().name() + ": " + problem + " | | | | | | NO |";
  }

  static String number(double value) {
    if (Math.abs(value) >= WHOLE_FROM) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(Locale.ROOT, Math.abs(value) >= 10 ? "%.1f" : "%.3f", value);
  }

  /** Everybody who took part or did not, with all numbers, for the reader of the table. */
  private void addSystems(List<String> lines) {
    lines.add("| scenario | system | version, settings, durability | numbers: median |");
    lines.add("|---|---|---|---|");
    for (ScenarioOutcome outcome : outcomes) {
      String scenario = outcome.scenario().name();
      for (ContenderInfo contender : outcome.contenders().values()) {
        List<String> numbers = new ArrayList<>();
        for (String name : outcome.numbers(contender.name())) {
          MedianRange spread = outcome.spread(contender.name(), name).orElseThrow();
          numbers.add(name + " " + number(spread.median()));
        }
        lines.add(
            String.format(
                "| %s | %s | %s; %s; durability: %s | %s |",
                scenario,
                contender.name(),
                contender.version(),
                contender.settings(),
                contender.durability(),
                String.join(", ", numbers)));
      }
      outcome
          .missing()
          .forEach(
              (name, why) ->
                  lines.add(String.format("| %s | %s | MISSING: %s | |", scenario, name, why)));
    }
  }

  String json() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("time", time.toString());
    map.put("machine", machine.toMap());
    map.put("command", command);
    map.put("jvm", String.join(" ", setting.launch().jvm()));
    map.put("all_right", allRight());
    Map<String, Object> scenarios = new LinkedHashMap<>();
    outcomes.forEach(outcome -> scenarios.put(outcome.scenario().name(), scenario(outcome)));
    map.put("scenarios", scenarios);
    return JsonWriter.write(map) + "\n";
  }

  private Map<String, Object> scenario(ScenarioOutcome outcome) {
    Map<String, Object> systems = new LinkedHashMap<>();
    for (ContenderInfo contender : outcome.contenders().values()) {
      Map<String, Object> system = new LinkedHashMap<>();
      system.put("version", contender.version());
      system.put("durability", contender.durability());
      system.put("settings", contender.settings());
      system.put("rounds", outcome.rounds(contender.name()));
      for (String name : outcome.numbers(contender.name())) {
        system.put(name, outcome.spread(contender.name(), name).orElseThrow().toMap());
      }
      systems.put(contender.name(), system);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("machine", machine.toString());
    map.put("window_seconds", setting.windowSeconds());
    map.put("warmup_seconds", setting.warmupSeconds());
    map.put("targets", outcome.verdicts().stream().map(v -> v.toMap(outcome)).toList());
    map.put("systems", systems);
    map.put("missing", outcome.missing());
    map.put("problems", outcome.problems());
    return map;
  }
}
