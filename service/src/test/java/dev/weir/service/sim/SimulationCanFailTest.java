package dev.weir.service.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Where a server is broken on purpose, the book says so, within a few seeds. */
class SimulationCanFailTest {
  private static final int SEEDS_MOST = 1_000;

  static Stream<Arguments> brokenServers() {
    return Stream.of(
        broken(BrokenServers.NoSync::new, "has lost"),
        broken(BrokenServers.FailedSyncIgnored::new, "has lost"),
        broken(BrokenServers.NoDuplicateCheck::new, "is stored twice"),
        broken(BrokenServers.NoFencing::new, "opened behind"),
        broken(BrokenServers.OneTooFar::new, "instead of"),
        broken(BrokenServers.LostWakeUps::new, "stands still"),
        broken(BrokenServers.GapMiscounted::new, "counts"),
        broken(BrokenServers.GapSwallowed::new, "instead of"),
        broken(BrokenServers.CommitsForgotten::new, "goes back"),
        broken(BrokenServers.CursorAhead::new, "is passed over"),
        broken(BrokenServers.DeliveryLost::new, "instead of"),
        broken(BrokenServers.AckAhead::new, "not committed"),
        broken(BrokenServers.ChargeKept::new, "still holds"));
  }

  private static Arguments broken(Supplier<InjectedDefects> broken, String told) {
    return Arguments.of(broken.get().getClass().getSimpleName(), broken, told);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenServers")
  void brokenServer_isToldOf(String name, Supplier<InjectedDefects> broken, String told) {
    String found = "";
    for (long seed = 1; seed <= SEEDS_MOST && !found.contains(told); seed++) {
      try {
        new Simulation(seed, broken.get(), new SimTrace(null), SimPlan.Kind.FAULTS).run();
      } catch (Simulation.Failure failure) {
        found = failure.getMessage();
      }
    }
    assertThat(found).as(name).contains(told);
  }
}
