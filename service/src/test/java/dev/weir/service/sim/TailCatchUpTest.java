package dev.weir.service.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Slow readers that leave the tail, read the log, and come back to the tail, again and again.
 * {@code make hand-overs HAND_OVERS=…} does it more often.
 */
class TailCatchUpTest {
  private static final long HAND_OVERS = Long.getLong("weir.sim.handovers", 2_000);
  private static final long SEED = Long.getLong("weir.sim.seed", 1);
  private static final long SEEDS = Long.getLong("weir.sim.seeds", Long.MAX_VALUE / 2);
  private static final int SEEDS_AT_ONCE = 50;

  @Test
  void readersThatFallBehindAndComeBack_getEveryReadingOnceInOrder() {
    NamedCounts all = new NamedCounts();
    for (long done = 0; all.get("caught up") < HAND_OVERS && done < SEEDS; ) {
      long count = Math.min(SEEDS_AT_ONCE, SEEDS - done);
      all.addAll(Seeds.quietly("hand-overs", SEED + done, count, SimPlan.Kind.HAND_OVERS));
      done += count;
      all.add("seeds", count);
    }
    System.out.printf("hand-overs from seed %d on:%n%s", SEED, all);
    assertThat(all.get("fell behind")).as("readers were slow enough").isPositive();
  }
}
