package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.measure.BenchTarget;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.Scenario;
import dev.weir.bench.measure.ScenarioRun;
import java.util.List;

/** P9: how long a killed server with a long log takes to be ready again. Stateless. */
public final class RestartScenario implements Scenario {
  static final String WEIR = "weir";
  static final String READY_SECONDS = "ready_seconds";
  static final String READ_SECONDS = "read_seconds";

  @Override
  public String name() {
    return "restart";
  }

  @Override
  public List<BenchTarget> targets() {
    return List.of(
        new BenchTarget(
            "P9",
            "seconds from the start of the process to its ready line, after SIGKILL",
            READY_SECONDS,
            WEIR,
            "",
            BenchTarget.Form.ALONE,
            BenchTarget.Bound.AT_MOST,
            2,
            0.5));
  }

  @Override
  public ScenarioRun open(RunSettings setting) throws BenchFailure, InterruptedException {
    return new RestartRun(setting);
  }
}
