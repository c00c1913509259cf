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
 * Time from the moment at which a reading was meant to be sent to its handler, at 10,000 readings
 * per second, open loop, beside the time of one fdatasync on the same disk: P4 and P4b. Stateless.
 */
public final class LatencyScenario implements Scenario {
  private static final int RATE = 10_000;

  /** Few stalls decide a p99, so that a short round means little. */
  private static final int TIMES = 2;

  private static final String P50 = "p50_millis";
  private static final String P99 = "p99_millis";

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public List<BenchTarget> targets() {
    String what = "ms from the intended send time, 10,000 readings/s, open loop, MEMORY";
    String ours = ComparedSystem.WEIR_MEMORY.label();
    String nats = ComparedSystem.NATS.label();
    return List.of(
        new BenchTarget(
            "P4", "p50 " + what, P50, ours, nats, Form.DIFFERENCE, Bound.AT_MOST, 0.5, 0.5),
        new BenchTarget("P4", "p99 " + what, P99, ours, nats, Form.RATIO, Bound.AT_MOST, 2, 1),
        new BenchTarget(
            "P4b",
            "ms that SYNCED adds to the p99 of MEMORY, against the p99 of one fdatasync",
            LatencyRun.ADDED,
            ComparedSystem.WEIR_SYNCED.label(),
            FsyncProbe.CONTENDER.name(),
            Form.RATIO,
            Bound.AT_MOST,
            3,
            1.5));
  }

  @Override
  public ScenarioRun open(RunSettings setting) throws BenchFailure, InterruptedException {
    LoadShape load = LoadShape.STANDARD.atRate(RATE);
    SystemsRun rigs =
        SystemsRun.open(
            setting.longer(TIMES),
            List.of(
                new SystemsRun.Entry(ComparedSystem.WEIR_MEMORY, load),
                new SystemsRun.Entry(ComparedSystem.NATS, load),
                new SystemsRun.Entry(ComparedSystem.WEIR_SYNCED, load)));
    return new LatencyRun(rigs, new FsyncProbe(setting.data()));
  }
}
