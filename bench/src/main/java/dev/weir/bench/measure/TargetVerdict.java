package dev.weir.bench.measure;

import dev.weir.bench.MedianRange;
import dev.weir.bench.measure.BenchTarget.Bound;
import dev.weir.bench.measure.BenchTarget.Form;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The comparison of a scenario's medians with one of its targets. Immutable.
 *
 * @param target which
 * @param ours the spread of ours; empty: it did not take part
 * @param theirs the spread of theirs; empty: there is none, or it did not take part
 * @param figure what is compared with the bounds; empty: a side is missing
 * @param required the bound that must be met
 * @param goal the bound to reach for
 */
public record TargetVerdict(
    BenchTarget target,
    Optional<MedianRange> ours,
    Optional<MedianRange> theirs,
    Optional<Double> figure,
    double required,
    double goal) {
  static TargetVerdict of(BenchTarget target, ScenarioOutcome outcome) {
    Optional<MedianRange> ours = outcome.spread(target.ours(), target.number());
    Optional<MedianRange> theirs = outcome.spread(target.theirs(), target.number());
    Optional<Double> figure =
        ours.flatMap(spread -> figure(target.form(), spread.median(), theirs));
    double required = target.required();
    double goal = target.goal();
    if (target.form() == Form.QUIET_RATIO && theirs.isPresent()) {
      double quiet = theirs.get().max() / theirs.get().median();
      required = Math.max(required, quiet);
      goal = Math.max(goal, quiet);
    }
    return new TargetVerdict(target, ours, theirs, figure, required, goal);
  }

  private static Optional<Double> figure(Form form, double ours, Optional<MedianRange> theirs) {
    return switch (form) {
      case ALONE -> Optional.of(ours);
      case RATIO, QUIET_RATIO -> theirs.map(spread -> ours / spread.median());
      case DIFFERENCE -> theirs.map(spread -> ours - spread.median());
    };
  }

  /** Returns which bound is met, as text. */
  public String met() {
    if (figure.isEmpty()) {
      return "not measured";
    }
    if (isWithin(goal)) {
      return "goal";
    }
    return isWithin(required) ? "required" : "NO";
  }

  private boolean isWithin(double bound) {
    double value = figure.orElseThrow();
    return target.bound() == Bound.AT_LEAST ? value >= bound : value <= bound;
  }

  public Map<String, Object> toMap(ScenarioOutcome outcome) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", target.id());
    map.put("what", target.what());
    map.put("number", target.number());
    map.put("form", target.form().name());
    put(map, "ours", target.ours(), ours, outcome);
    put(map, "theirs", target.theirs(), theirs, outcome);
    figure.ifPresent(value -> map.put("figure", value));
    map.put("bound", target.bound().name());
    map.put("required", required);
    map.put("goal", goal);
    map.put("met", met());
    return map;
  }

  private static void put(
      Map<String, Object> map,
      String side,
      String name,
      Optional<MedianRange> spread,
      ScenarioOutcome outcome) {
    if (name.isEmpty()) {
      return;
    }
    Map<String, Object> inner = new LinkedHashMap<>();
    inner.put("system", name);
    spread.ifPresent(value -> inner.putAll(value.toMap()));
    ContenderInfo contender = outcome.contenders().get(name);
    if (contender != null) {
      inner.put("durability", contender.durability());
      inner.put("version", contender.version());
    }
    String reason = outcome.missing().get(name);
    if (reason != null) {
      inner.put("missing", reason);
    }
    map.put(side, inner);
  }
}
