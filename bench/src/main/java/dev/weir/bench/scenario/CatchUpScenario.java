package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.measure.BenchTarget;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.Scenario;
import dev.weir.bench.measure.ScenarioRun;
import java.util.List;

/** P8: how fast a subscriber reads what the log holds, against the bare relay. Stateless. */
public final class CatchUpScenario implements Scenario {
  static final String READINGS_PER_SECOND = "readings_per_second";

  @Override
  public String name() {
    return "catch-up";
  }

  @Override
  public List<BenchTarget> targets() {
    return List.of(
        new BenchTarget(
            "P8",
            "catch-up from the log, 1 subscriber, against the bare relay",
            READINGS_PER_SECOND,
            CatchUpRun.LOG,
            CatchUpRun.RELAY.label(),
            BenchTarget.Form.RATIO,
            BenchTarget.Bound.AT_LEAST,
            0.5,
            0.8));
  }

  @Override
  public ScenarioRun open(RunSettings setting) throws BenchFailure, InterruptedException {
    return CatchUpRun.open(setting);
  }
}
