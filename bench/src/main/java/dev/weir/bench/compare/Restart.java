package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import java.util.List;

/** P9: how long a killed server with a long log takes to be ready again. Stateless. */
final class Restart implements Scenario {
  static final String WEIR = "weir";
  static final String READY_SECONDS = "ready_seconds";
  static final String READ_SECONDS = "read_seconds";

  @Override
  public String name() {
    return "restart";
  }

  @Override
  public List<Target> targets() {
    return List.of(
        new Target(
            "P9",
            "seconds from the start of the process to its ready line, after SIGKILL",
            READY_SECONDS,
            WEIR,
            "",
            Target.Form.ALONE,
            Target.Bound.AT_MOST,
            2,
            0.5));
  }

  @Override
  public Bout open(Setting setting) throws BenchFailure, InterruptedException {
    return new RestartBout(setting);
  }
}
