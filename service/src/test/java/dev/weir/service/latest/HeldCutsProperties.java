package dev.weir.service.latest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.budget.RevocableBudget;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Properties: charges equal the bytes that only open cuts keep reachable, whatever came before. */
class HeldCutsProperties {
  private static final int VALUE_BYTES_MAX = 16;

  /** A cut under test, and what it must say while it is open. */
  private record Open(CutHolder holder, HeldCut held, Map<Integer, ExpectedReading> expected) {}

  @Property(tries = 300)
  void charges_areWhatIsReachableFromOpenCutsOnly(@ForAll long seed) {
    Random random = new Random(seed);
    Budget budget = new Budget("snapshot_budget_bytes", 1L << 40);
    RevocableBudget revocable = new RevocableBudget(budget);
    LastValuesFold values = values();
    List<Open> open = new ArrayList<>();
    int range = 1 + random.nextInt(600);
    for (int offset = 0; offset < 60; offset++) {
      int[] sensors = random.ints(1 + random.nextInt(40), 0, range).toArray();
      switch (random.nextInt(4)) {
        case 0 ->
            values.fold(ExpectedReading.batch(random, 1 + random.nextInt(30), sensors), offset);
        case 1 -> {
          CutHolder holder = new CutHolder(revocable, "peer" + random.nextInt(3), () -> {});
          HeldCut held = values.cut(holder);
          open.add(new Open(holder, held, ExpectedReading.of(held.cut())));
        }
        case 2 -> {
          if (!open.isEmpty()) {
            open.remove(random.nextInt(open.size())).holder().close();
          }
        }
        default -> values.cut(); // one that nobody is charged for
      }
      assertThat(budget.used()).isEqualTo(kept(open, values));
      for (Open one : open) {
        assertThat(ExpectedReading.of(one.held().cut())).isEqualTo(one.expected());
      }
    }
    if (random.nextBoolean()) {
      values.close();
      assertThat(budget.used()).as("closed").isEqualTo(kept(open, values));
    }
    Collections.shuffle(open, random);
    while (!open.isEmpty()) {
      open.remove(0).holder().close();
      assertThat(budget.used()).isEqualTo(kept(open, values));
    }
    assertThat(budget.used()).isZero();
  }

  @Property(tries = 200)
  void smallBudget_isNeverExceeded_andTheValuesAreRight(@ForAll long seed) {
    Random random = new Random(seed);
    Budget budget = new Budget("snapshot_budget_bytes", 1_000 + random.nextInt(40_000));
    RevocableBudget revocable = new RevocableBudget(budget);
    LastValuesFold values = values();
    LastValuesFold alone = values();
    List<Open> open = new ArrayList<>();
    for (int offset = 0; offset < 60; offset++) {
      int[] sensors = random.ints(20, 0, 400).toArray();
      var batch = ExpectedReading.batch(random, 20, sensors);
      values.fold(batch, offset);
      alone.fold(batch, offset);
      CutHolder holder = new CutHolder(revocable, "peer" + random.nextInt(3), () -> {});
      Map<Integer, ExpectedReading> now = ExpectedReading.of(values.cut());
      open.add(new Open(holder, values.cut(holder), now));
      open.removeIf(one -> one.holder().isRevoked());
      assertThat(budget.used()).isLessThanOrEqualTo(budget.max()).isEqualTo(kept(open, values));
      for (Open one : open) {
        assertThat(ExpectedReading.of(one.held().cut())).isEqualTo(one.expected());
      }
    }
    assertThat(ExpectedReading.of(values.cut())).isEqualTo(ExpectedReading.of(alone.cut()));
    open.forEach(one -> one.holder().close());
    assertThat(budget.used()).isZero();
  }

  private static LastValuesFold values() {
    return new LastValuesFold(0, 1, VALUE_BYTES_MAX, new Budget("latest_bytes_max", 1 << 20));
  }

  /** Bytes of everything that open cuts have and the values have not. */
  private static long kept(List<Open> open, LastValuesFold values) {
    Set<Object> known = Collections.newSetFromMap(new IdentityHashMap<>());
    LastValuesCut now = values.cut();
    for (LastValuesChunk chunk : now.chunks()) {
      known.add(chunk);
      for (int i = 0; chunk != null && i < chunk.room(); i++) {
        known.add(chunk.text(i));
      }
    }
    known.add(null);
    long bytes = 0;
    for (Open one : open) {
      LastValuesChunk[] chunks = one.held().cut().chunks();
      bytes += HeldCuts.CUT_BYTES;
      bytes += known.add(chunks) ? one.held().cut().arrayBytes() : 0;
      for (LastValuesChunk chunk : chunks) {
        bytes += known.add(chunk) ? chunk.heapBytes() + HeldCuts.KEPT_BYTES : 0;
        for (int i = 0; chunk != null && i < chunk.room(); i++) {
          byte[] text = chunk.text(i);
          bytes +=
              known.add(text)
                  ? text.length + LastValuesFold.VALUE_OVERHEAD_BYTES + HeldCuts.KEPT_BYTES
                  : 0;
        }
      }
    }
    return bytes;
  }
}
