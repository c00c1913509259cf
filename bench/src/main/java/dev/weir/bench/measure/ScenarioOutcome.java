package dev.weir.bench.measure;

import dev.weir.bench.MedianRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The result of all rounds of one scenario. Owned by the runner's thread. */
public final class ScenarioOutcome {
  private final Scenario scenario;
  private final Map<String, ContenderInfo> contenders = new LinkedHashMap<>();
  private final Map<String, List<RoundSample>> samples = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();

  public ScenarioOutcome(Scenario scenario) {
    this.scenario = scenario;
  }

  public Scenario scenario() {
    return scenario;
  }

  public void addMissing(Map<String, String> reasons) {
    missing.putAll(reasons);
  }

  public void add(ContenderInfo contender, RoundSample sample) {
    contenders.put(contender.name(), contender);
    samples.computeIfAbsent(contender.name(), name -> new ArrayList<>()).add(sample);
    sample.problems().forEach(problem -> problems.add(contender.name() + ": " + problem));
  }

  /** The scenario could not be carried out to its end. */
  public void fail(String reason) {
    problems.add(reason);
  }

  public List<String> problems() {
    return problems;
  }

  public Map<String, String> missing() {
    return missing;
  }

  public Map<String, ContenderInfo> contenders() {
    return contenders;
  }

  /** Returns how many rounds a contender made. */
  public int rounds(String contender) {
    return samples.getOrDefault(contender, List.of()).size();
  }

  /** A number over the rounds of a contender; empty where it has none. */
  public Optional<MedianRange> spread(String contender, String number) {
    List<Double> values =
        samples.getOrDefault(contender, List.of()).stream()
            .map(sample -> sample.numbers().get(number))
            .filter(value -> value != null)
            .toList();
    return values.isEmpty()
        ? Optional.empty()
        : Optional.of(MedianRange.of(values, value -> value));
  }

  /** The names of all numbers that a contender gave. */
  public List<String> numbers(String contender) {
    return samples.getOrDefault(contender, List.of()).stream()
        .flatMap(sample -> sample.numbers().keySet().stream())
        .distinct()
        .toList();
  }

  public List<TargetVerdict> verdicts() {
    return scenario.targets().stream().map(target -> TargetVerdict.of(target, this)).toList();
  }
}
