package dev.weir.service.tail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The order of evictions, against a look at every holder. */
class TailBudgetProperties {
  private static final long BYTES_MAX = 10_000;

  @Property(tries = 500)
  void fewHolders_areEvictedInTheOrderOfTheirReads(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = TailBudget.LOOKED_AT_MAX) int count) {
    run(new Random(seed), count, true);
  }

  @Property(tries = 200)
  void manyHolders_neverLoseWhatWasReadLast(
      @ForAll long seed, @ForAll @IntRange(min = 17, max = 300) int count) {
    run(new Random(seed), count, false);
  }

  private static void run(Random random, int count, boolean exact) {
    AtomicLong max = new AtomicLong(Long.MAX_VALUE);
    TailBudget budget = new TailBudget(new Budget("tail_bytes", "bytes", max::get));
    List<TailBudgetTest.Holder> holders = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      holders.add(TailBudgetTest.Holder.in(budget, new AtomicLong()));
    }
    for (int step = 0; step < 4 * count + 40; step++) {
      TailBudgetTest.Holder some = holders.get(random.nextInt(count));
      switch (random.nextInt(3)) {
        case 0 -> some.tick = budget.tick();
        case 1 -> {
          budget.gaveBack(some.bytes);
          some.bytes = 0;
        }
        default -> some.grow(1 + random.nextInt(400));
      }
      while (budget.bytes() > BYTES_MAX / 2 && random.nextInt(4) > 0) {
        evictOne(holders, budget, max, exact);
      }
      long held = holders.stream().mapToLong(holder -> holder.bytes).sum();
      assertThat(budget.bytes()).isEqualTo(held);
    }
  }

  private static void evictOne(
      List<TailBudgetTest.Holder> holders, TailBudget budget, AtomicLong max, boolean exact) {
    TailBudgetTest.Holder expected = null;
    long newest = -1;
    int newestCount = 0;
    int holding = 0;
    long expectedBytes = 0;
    for (TailBudgetTest.Holder holder : holders) {
      holder.evicted = false;
      if (holder.bytes == 0) {
        continue;
      }
      holding++;
      newestCount = holder.tick > newest ? 1 : newestCount + (holder.tick == newest ? 1 : 0);
      newest = Math.max(newest, holder.tick);
      if (expected == null
          || holder.tick < expected.tick
          || holder.tick == expected.tick && holder.bytes > expected.bytes) {
        expected = holder;
        expectedBytes = holder.bytes;
      }
    }
    max.set(budget.bytes() - 1); // one eviction is enough
    budget.settle();
    max.set(Long.MAX_VALUE);
    List<TailBudgetTest.Holder> evicted = holders.stream().filter(each -> each.evicted).toList();
    assertThat(evicted).hasSize(1);
    TailBudgetTest.Holder victim = evicted.get(0);
    if (exact) {
      assertThat(victim.tick).isEqualTo(expected.tick);
      assertThat(expectedBytes - victim.bytes)
          .as("of those read at the same time, the one that holds most")
          .isEqualTo((expectedBytes + 1) / 2);
    } else if (holding > 1 && newestCount == 1) {
      assertThat(victim.tick).as("not the one read last").isLessThan(newest);
    }
  }
}
