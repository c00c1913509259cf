package dev.weir.bench.compare;

import dev.weir.bench.BenchDataDirectory;
import dev.weir.bench.BenchFailure;
import dev.weir.bench.MachineInfo;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.measure.RoundSample;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.Scenario;
import dev.weir.bench.measure.ScenarioOutcome;
import dev.weir.bench.measure.ScenarioRun;
import dev.weir.bench.scenario.CatchUpScenario;
import dev.weir.bench.scenario.ConnectionMemoryScenario;
import dev.weir.bench.scenario.LatencyScenario;
import dev.weir.bench.scenario.ManyTopicsScenario;
import dev.weir.bench.scenario.RestartScenario;
import dev.weir.bench.scenario.StoppedReaderScenario;
import dev.weir.bench.scenario.SubscriptionMemoryScenario;
import dev.weir.bench.scenario.ThroughputScenario;
import dev.weir.bench.scenario.WireBytesScenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The program: runs scenarios one after the other, each in alternating rounds of its contenders,
 * prints a table and writes a file. Owned by the main thread.
 */
public final class Compare {
  private static final int EXIT_FAILED = 1;
  private static final int EXIT_USAGE = 2;

  /** The scenarios of the short form, in the order in which they run. */
  private static final List<Scenario> SHORT =
      List.of(
          ThroughputScenario.synced(),
          ThroughputScenario.memory(),
          ThroughputScenario.fanOut(),
          new LatencyScenario(),
          new WireBytesScenario(),
          ThroughputScenario.smallPublishers());

  /** The scenarios that the full form adds. */
  private static final List<Scenario> FULL =
      List.of(
          new SubscriptionMemoryScenario(),
          new ConnectionMemoryScenario(),
          new StoppedReaderScenario(),
          new CatchUpScenario(),
          new RestartScenario(),
          new ManyTopicsScenario());

  private final CompareOptions options;
  private final RunSettings setting;
  private final BenchDataDirectory data;

  private Compare(CompareOptions options) {
    this.options = options;
    this.setting = options.setting();
    this.data = new BenchDataDirectory(setting.data());
  }

  /** See {@code --help}. Exit code 0: every reading was accounted for; 1: not; 2: wrong usage. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length > 0 && args[0].equals("--help")) {
      System.out.println(help());
      return;
    }
    Compare compare;
    List<Scenario> scenarios;
    try {
      compare = new Compare(CompareOptions.parse(args));
      scenarios = compare.chosen();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + help());
      System.exit(EXIT_USAGE);
      return;
    }
    try {
      System.exit(compare.run(scenarios) ? 0 : EXIT_FAILED);
    } catch (BenchFailure e) {
      System.err.println("bench: " + describe(e));
      System.exit(EXIT_FAILED);
    }
  }

  private static String help() {
    return CompareOptions.help(all().stream().map(Scenario::name).toList());
  }

  private static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>(SHORT);
    all.addAll(FULL);
    return all;
  }

  private List<Scenario> chosen() {
    List<String> names = options.list("only");
    if (names.isEmpty()) {
      return options.full() ? all() : SHORT;
    }
    List<Scenario> chosen = new ArrayList<>();
    for (String name : names) {
      chosen.add(
          all().stream()
              .filter(scenario -> scenario.name().equals(name))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException(name + ": no such scenario")));
    }
    return chosen;
  }

  private boolean run(List<Scenario> scenarios) throws BenchFailure, InterruptedException {
    data.requireAbsent();
    createRecordings();
    Instant begin = Instant.now();
    List<ScenarioOutcome> outcomes = new ArrayList<>();
    for (Scenario scenario : scenarios) {
      ScenarioOutcome outcome = new ScenarioOutcome(scenario);
      outcomes.add(outcome);
      try {
        fight(outcome);
      } catch (BenchFailure e) {
        outcome.fail(describe(e));
        System.err.println(scenario.name() + ": " + describe(e));
      } finally {
        data.delete();
      }
    }
    ComparisonReport report =
        new ComparisonReport(begin, MachineInfo.present(), options.command(), setting, outcomes);
    System.out.println(report.markdown());
    save(report.json());
    return report.allRight();
  }

  private void createRecordings() throws BenchFailure {
    try {
      if (setting.launch().recordings().isPresent()) {
        Files.createDirectories(setting.launch().recordings().get());
      }
    } catch (IOException e) {
      throw new BenchFailure("no directory for recordings", e);
    }
  }

  private void fight(ScenarioOutcome outcome) throws BenchFailure, InterruptedException {
    try (ScenarioRun bout = outcome.scenario().open(setting.below(outcome.scenario().name()))) {
      outcome.addMissing(bout.missing());
      for (int round = 1; round <= setting.rounds(); round++) {
        for (ContenderInfo contender : bout.contenders()) {
          RoundSample sample = bout.measure(contender);
          outcome.add(contender, sample);
          say(outcome.scenario(), round, contender, sample);
        }
      }
    }
  }

  private static void say(
      Scenario scenario, int round, ContenderInfo contender, RoundSample sample) {
    StringBuilder line = new StringBuilder();
    line.append(scenario.name()).append(' ').append(round).append(' ').append(contender.name());
    sample
        .numbers()
        .forEach(
            (name, value) ->
                line.append(", ").append(name).append(' ').append(ComparisonReport.number(value)));
    sample.problems().forEach(problem -> line.append(", PROBLEM: ").append(problem));
    System.err.println(line);
  }

  private void save(String json) throws BenchFailure {
    Path out = Path.of(options.text("out")).toAbsolutePath();
    try {
      Files.createDirectories(out.getParent());
      Files.writeString(out, json);
    } catch (IOException e) {
      throw new BenchFailure(out + " cannot be written", e);
    }
  }

  private static String describe(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure.getMessage() : failure.getMessage() + ": " + describe(cause);
  }
}
