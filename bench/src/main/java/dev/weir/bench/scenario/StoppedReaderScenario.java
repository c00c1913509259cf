package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.measure.BenchTarget;
import dev.weir.bench.measure.BenchTarget.Bound;
import dev.weir.bench.measure.BenchTarget.Form;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.Scenario;
import dev.weir.bench.measure.ScenarioRun;
import java.util.List;

/**
 * Measures the effect of one stopped (SIGSTOP) subscriber on 99 live ones: P6, latencies by turns
 * without and with it, against one server. Stateless.
 */
public final class StoppedReaderScenario implements Scenario {
  static final String QUIET = "weir-quiet";
  static final String BESIDE = "weir-beside-stopped";

  private static final double TENTH_MORE = 1.1;

  @Override
  public String name() {
    return "stopped-subscriber";
  }

  @Override
  public List<BenchTarget> targets() {
    return List.of(
        new BenchTarget(
            "P6",
            "p99 of 99 live subscribers with one stopped, against without; the bounds are 10 % and"
                + " the quiet spread, whichever is larger",
            "p99_millis",
            BESIDE,
            QUIET,
            Form.QUIET_RATIO,
            Bound.AT_MOST,
            TENTH_MORE,
            1));
  }

  @Override
  public ScenarioRun open(RunSettings setting) throws BenchFailure, InterruptedException {
    return StoppedReaderRun.open(setting);
  }
}
