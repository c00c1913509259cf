package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.measure.BenchTarget;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.Scenario;
import dev.weir.bench.measure.ScenarioRun;
import java.util.ArrayList;
import java.util.List;

/**
 * P10: what many topics, sensors and filtered subscriptions cost against one of each. Once as the
 * default is, once without a disk. Stateless.
 */
public final class ManyTopicsScenario implements Scenario {
  static final String DELIVERIES_PER_SECOND = "deliveries_per_second";

  @Override
  public String name() {
    return "many-topics";
  }

  @Override
  public List<BenchTarget> targets() {
    List<BenchTarget> targets = new ArrayList<>();
    for (String durability : List.of("memory", "synced")) {
      targets.add(
          new BenchTarget(
              "P10",
              "1,000 topics, 1,000,000 sensors, 1,000 filtered subscriptions against one topic and"
                  + " one subscription, "
                  + durability,
              DELIVERIES_PER_SECOND,
              "weir-many-" + durability,
              "weir-one-" + durability,
              BenchTarget.Form.RATIO,
              BenchTarget.Bound.AT_LEAST,
              0.7,
              0.9));
    }
    return targets;
  }

  @Override
  public ScenarioRun open(RunSettings setting) throws BenchFailure, InterruptedException {
    return new ManyTopicsRun(setting);
  }
}
