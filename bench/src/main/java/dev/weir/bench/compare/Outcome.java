package dev.weir.bench.compare;

import dev.weir.bench.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the rounds of one scenario showed. Owned by the runner's thread. */
final class Outcome {
  private final Scenario scenario;
  private final Map<String, Contender> contenders = new LinkedHashMap<>();
  private final Map<String, List<Sample>> samples = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();

  Outcome(Scenario scenario) {
    this.scenario = scenario;
  }

  Scenario scenario() {
    return scenario;
  }

  void addMissing(Map<String, String> reasons) {
    missing.putAll(reasons);
  }

  void add(Contender contender, Sample sample) {
    contenders.put(contender.name(), contender);
    samples.computeIfAbsent(contender.name(), name -> new ArrayList<>()).add(sample);
    sample.problems().forEach(problem -> problems.add(contender.name() + ": " + problem));
  }

  /** The scenario could not be carried out to its end. */
  void fail(String reason) {
    problems.add(reason);
  }

  List<String> problems() {
    return problems;
  }

  Map<String, String> missing() {
    return missing;
  }

  Map<String, Contender> contenders() {
    return contenders;
  }

  /** How many rounds a contender made. */
  int rounds(String contender) {
    return samples.getOrDefault(contender, List.of()).size();
  }

  /** A number over the rounds of a contender; empty where it has none. */
  Optional<Spread> spread(String contender, String number) {
    List<Double> values =
        samples.getOrDefault(contender, List.of()).stream()
            .map(sample -> sample.numbers().get(number))
            .filter(value -> value != null)
            .toList();
    return values.isEmpty() ? Optional.empty() : Optional.of(Spread.of(values, value -> value));
  }

  /** The names of all numbers that a contender gave. */
  List<String> numbers(String contender) {
    return samples.getOrDefault(contender, List.of()).stream()
        .flatMap(sample -> sample.numbers().keySet().stream())
        .distinct()
        .toList();
  }

  List<Verdict> verdicts() {
    return scenario.targets().stream().map(target -> Verdict.of(target, this)).toList();
  }
}
