package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * D1, D3, O2, O3, R1 and R4 under SIGKILL at every step of append, sync, ack, roll, checkpoint and
 * retention. {@code make crash ROUNDS=1000 SEED=1} runs it at length.
 */
class CrashTest {
  private static final int ROUNDS = Integer.getInteger("weir.it.crash.rounds", 2);
  private static final long SEED = Long.getLong("weir.it.seed", 20_261_126);

  /** The percentage of kills that may find nothing unacknowledged. */
  private static final int IDLE_PERCENT_MAX = 15;

  private static final int MISSED_PERCENT_MAX = 5;

  /** With so many rounds, each point must have had its share. */
  private static final int ROUNDS_OF_A_PROOF = 1_000;

  private static final int KILLS_MIN = 10;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  @Test
  void serverKilledAtEveryStep_everythingAcknowledgedIsThereOnceAndInOrder() throws Exception {
    CrashAudit audit = new CrashAudit(dir, List.of()).run(ROUNDS, SEED);

    KillCounts counts = audit.counts();
    System.out.println(counts.table());
    System.out.printf(
        "crash: seed %d, %d kills, %d with nothing unacknowledged, %d whose point was not reached;"
            + " %s%n",
        SEED, counts.total(), counts.idle(), counts.missed(), audit.totals());
    assertThat(audit.findings()).isEmpty();
    assertThat(counts.total()).isGreaterThanOrEqualTo(ROUNDS);
    assertThat(counts.idle()).isLessThanOrEqualTo(1 + ROUNDS * IDLE_PERCENT_MAX / 100);
    if (ROUNDS >= ROUNDS_OF_A_PROOF) {
      assertThat(counts.least()).as("kills at each point").isGreaterThanOrEqualTo(KILLS_MIN);
    }
    assertThat(counts.missed()).isLessThanOrEqualTo(1 + ROUNDS * MISSED_PERCENT_MAX / 100);
  }
}
