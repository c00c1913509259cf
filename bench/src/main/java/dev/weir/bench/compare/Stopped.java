package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.compare.Target.Bound;
import dev.weir.bench.compare.Target.Form;
import java.util.List;

/**
 * What one stopped (SIGSTOP) subscriber costs 99 live ones: P6, latencies by turns without and with
 * it, against one server. Stateless.
 */
final class Stopped implements Scenario {
  static final String QUIET = "weir-quiet";
  static final String BESIDE = "weir-beside-stopped";

  private static final double TENTH_MORE = 1.1;

  @Override
  public String name() {
    return "stopped-subscriber";
  }

  @Override
  public List<Target> targets() {
    return List.of(
        new Target(
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
  public Bout open(Setting setting) throws BenchFailure, InterruptedException {
    return StoppedBout.open(setting);
  }
}
