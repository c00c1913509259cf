package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import java.util.List;

/** P8: how fast a subscriber reads what the log holds, against the bare relay. Stateless. */
final class CatchUp implements Scenario {
  static final String READINGS_PER_SECOND = "readings_per_second";

  @Override
  public String name() {
    return "catch-up";
  }

  @Override
  public List<Target> targets() {
    return List.of(
        new Target(
            "P8",
            "catch-up from the log, 1 subscriber, against the bare relay",
            READINGS_PER_SECOND,
            CatchUpBout.LOG,
            CatchUpBout.RELAY.label(),
            Target.Form.RATIO,
            Target.Bound.AT_LEAST,
            0.5,
            0.8));
  }

  @Override
  public Bout open(Setting setting) throws BenchFailure, InterruptedException {
    return CatchUpBout.open(setting);
  }
}
