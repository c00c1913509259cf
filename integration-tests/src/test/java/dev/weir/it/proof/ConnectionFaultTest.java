package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.proxy.ConnectionFault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * O2, O3 and R1 where connections are cut, stall, are half-open, lose answers or drip. {@code make
 * cuts CUTS=2000 SEED=1} runs it at length.
 */
class ConnectionFaultTest {
  private static final int CUTS = Integer.getInteger("weir.it.cuts", 200);
  private static final long SEED = Long.getLong("weir.it.seed", 20_261_126);

  /** Far more than it takes: each client waits between its sessions, up to 5 s. */
  private static final Duration PATIENCE = Duration.ofSeconds(50 + CUTS / 4);

  @TempDir private Path dir;

  @Test
  void connectionsHarmedInEveryWay_loseNothingAndRepeatNothing() throws Exception {
    long began = System.nanoTime();
    RealServer.Terms terms = new RealServer.Terms(dir, Map.of());

    ConnectionFaultAudit audit =
        new ConnectionFaultAudit(terms, List.of(), SEED, PATIENCE).run(CUTS);

    System.out.printf(
        "cuts: seed %d, %d s; unary %s; publishers %s; subscribers %s; %s%n",
        SEED,
        Duration.ofNanos(System.nanoTime() - began).toSeconds(),
        audit.harms().get(0),
        audit.harms().get(1),
        audit.harms().get(2),
        audit.totals());
    assertThat(audit.complaints().list()).isEmpty();
    assertThat(audit.hits()).isGreaterThanOrEqualTo(CUTS);
    for (ConnectionFault.Kind kind : ConnectionFault.Kind.values()) {
      assertThat(audit.harms().get(1).hits(kind)).as("publishers: %s", kind).isPositive();
      assertThat(audit.harms().get(2).hits(kind)).as("subscribers: %s", kind).isPositive();
    }
  }
}
