package dev.weir.bench.scenario;

import dev.weir.bench.measure.BenchTarget;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.Scenario;
import dev.weir.bench.measure.ScenarioRun;
import java.util.ArrayList;
import java.util.List;

/**
 * P5: what an idle subscription costs over shared connections. First of all as a session of its
 * own; then as one of many subscriptions of a session. Stateless.
 */
public final class SubscriptionMemoryScenario implements Scenario {
  private static final int SHORT = 10_000;
  private static final int LONG = 100_000;
  private static final int SESSIONS_PER_CONNECTION = 1_000;
  private static final int SUBSCRIPTIONS_PER_SESSION = 1_000;
  private static final double REQUIRED_BYTES = 6 * 1024;
  private static final double GOAL_BYTES = 4 * 1024;

  @Override
  public String name() {
    return "memory-subscriptions";
  }

  @Override
  public List<BenchTarget> targets() {
    List<BenchTarget> targets = new ArrayList<>();
    for (int count : List.of(SHORT, LONG)) {
      targets.add(
          new BenchTarget(
              "P5",
              String.format("heap bytes per idle subscription, %,d sessions", count),
              "heap_bytes",
              "weir-" + count,
              "",
              BenchTarget.Form.ALONE,
              BenchTarget.Bound.AT_MOST,
              REQUIRED_BYTES,
              GOAL_BYTES));
    }
    return targets;
  }

  @Override
  public ScenarioRun open(RunSettings setting) {
    MemoryRun bout = new MemoryRun(setting);
    for (int count : List.of(SHORT, LONG)) {
      int sessions = count / SUBSCRIPTIONS_PER_SESSION;
      int connections = count / SESSIONS_PER_CONNECTION;
      for (MemoryCase one :
          List.of(
              new MemoryCase("weir-" + count, false, connections, count, 1),
              new MemoryCase(
                  "weir-shared-" + count, false, connections, sessions, SUBSCRIPTIONS_PER_SESSION),
              new MemoryCase("nats-" + count, true, connections, count, 1))) {
        if (count == SHORT || setting.full()) {
          bout.add(one);
        } else {
          bout.leaveOut(one.name(), "only in the full form");
        }
      }
    }
    return bout;
  }
}
