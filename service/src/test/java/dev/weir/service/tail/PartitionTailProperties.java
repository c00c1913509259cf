package dev.weir.service.tail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Tails under one budget, against what they must never forget. */
class PartitionTailProperties {
  private static final int RING = 64;

  @Property(tries = 300)
  void tails_holdANewestRunAndKeepWithinTheBudget(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 40_000) int bytesMax) {
    Random random = new Random(seed);
    TailBudget budget = new TailBudget(new Budget("tail_bytes", bytesMax));
    List<PartitionTail> tails = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      tails.add(PartitionTailTest.tail(random.nextInt(100), RING, budget));
    }
    for (int step = 0; step < 60; step++) {
      PartitionTail tail = tails.get(random.nextInt(tails.size()));
      switch (random.nextInt(4)) {
        case 0 -> tail.touch();
        case 1 -> budget.gaveBack(tail.evictHalf());
        default ->
            tail.append(
                PartitionTailTest.records(
                    tail.head().offset(), 1 + random.nextInt(RING + 4), random.nextInt(300)));
      }
      check(tails, budget, bytesMax);
    }
  }

  private static void check(List<PartitionTail> tails, TailBudget budget, long bytesMax) {
    long held = 0;
    for (PartitionTail tail : tails) {
      boolean inRun = false;
      for (long offset = Math.max(0, tail.head().offset() - 100); ; offset++) {
        TailRecord found = tail.get(offset);
        if (offset >= tail.head().offset()) {
          assertThat(found).as("nothing at the head").isNull();
          break;
        }
        assertThat(found != null || !inRun).as("no hole before the head").isTrue();
        if (found != null) {
          inRun = true;
          held += found.heldBytes();
          assertThat(found.record().offset()).isEqualTo(offset);
        }
      }
      assertThat(tail.isEmpty()).isEqualTo(!inRun);
    }
    assertThat(budget.bytes()).isEqualTo(held).isLessThanOrEqualTo(bytesMax);
  }
}
