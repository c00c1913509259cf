package dev.weir.bench.measure;

import dev.weir.bench.BenchFailure;
import java.util.List;

/** A question that several systems answer by turns. Stateless; owned by the runner's thread. */
public interface Scenario {
  /** Its name on the command line and in the results, such as {@code throughput-synced}. */
  String name();

  /** The targets that it decides; each names contenders and a number of {@link RoundSample}. */
  List<BenchTarget> targets();

  /**
   * Starts and warms up every contender that can run here; {@link ScenarioRun#missing} lists the
   * others.
   */
  ScenarioRun open(RunSettings setting) throws BenchFailure, InterruptedException;
}
