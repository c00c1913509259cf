package dev.weir.service.sim;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Seeds of simulated trouble. {@code make sim SEEDS=… SEED=…} runs others; -Dweir.sim.trace=true
 * prints all that happens.
 */
class SimulationTest {
  private static final int SEEDS = Integer.getInteger("weir.sim.seeds", 200);
  private static final long SEED = Long.getLong("weir.sim.seed", 1);

  @Test
  void whateverFails_everythingPromisedHolds() {
    Seeds.run("sim", SEED, SEEDS, SimPlan.Kind.FAULTS);
  }

  @Test
  void sameSeed_sameWorld() {
    List<Long> hashes = new ArrayList<>();
    for (int round = 0; round < 2; round++) {
      for (long seed = 1; seed <= 10; seed++) {
        SimTrace trace = new SimTrace(null);
        new Simulation(seed, InjectedDefects.NOTHING, trace, SimPlan.Kind.FAULTS).run();
        hashes.add(trace.hash());
      }
    }
    org.assertj.core.api.Assertions.assertThat(hashes.subList(0, 10))
        .isEqualTo(hashes.subList(10, 20));
  }
}
