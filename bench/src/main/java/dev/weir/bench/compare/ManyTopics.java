package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import java.util.ArrayList;
import java.util.List;

/**
 * P10: what many topics, sensors and filtered subscriptions cost against one of each. Once as the
 * default is, once without a disk. Stateless.
 */
final class ManyTopics implements Scenario {
  static final String DELIVERIES_PER_SECOND = "deliveries_per_second";

  @Override
  public String name() {
    return "many-topics";
  }

  @Override
  public List<Target> targets() {
    List<Target> targets = new ArrayList<>();
    for (String durability : List.of("memory", "synced")) {
      targets.add(
          new Target(
              "P10",
              "1,000 topics, 1,000,000 sensors, 1,000 filtered subscriptions against one topic and"
                  + " one subscription, "
                  + durability,
              DELIVERIES_PER_SECOND,
              "weir-many-" + durability,
              "weir-one-" + durability,
              Target.Form.RATIO,
              Target.Bound.AT_LEAST,
              0.7,
              0.9));
    }
    return targets;
  }

  @Override
  public Bout open(Setting setting) throws BenchFailure, InterruptedException {
    return new ManyTopicsBout(setting);
  }
}
