package dev.weir.service.latest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.budget.RevocableBudget;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Folds of one budget, whose cuts are closed and revoked by other threads than their own. */
class HeldCutsStressTest {
  private static final int FOLDS = 3;
  private static final int CLOSERS = 2;
  private static final int ROUNDS = 1_500;
  private static final int SENSORS = 5 * LastValuesChunk.SENSORS;

  private final Budget budget = new Budget("snapshot_budget_bytes", 200_000);
  private final RevocableBudget revocable = new RevocableBudget(budget);
  private final BlockingQueue<CutHolder> open = new LinkedBlockingQueue<>();

  private static Slice batch(Random random, long value) {
    int count = 1 + random.nextInt(SENSORS);
    Columns.Builder columns = Columns.newBuilder().setCount(count).setTimeBase(1);
    for (int i = 0; i < count; i++) {
      columns.addSensorIds(random.nextInt(SENSORS)).addIntegers(value);
    }
    return Slice.of(Batch.newBuilder().addColumns(columns).build().toByteArray());
  }

  /** Folds and cuts, and looks whether a cut ever says what came later. */
  private void fold(int number) {
    Random random = new Random(number);
    LastValuesFold values = new LastValuesFold(0, 1, 100, new Budget("latest_bytes_max", 0));
    List<HeldCut> kept = new ArrayList<>();
    List<Integer> moments = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      values.fold(batch(random, round), round);
      CutHolder holder = new CutHolder(revocable, number, () -> {});
      kept.add(values.cut(holder));
      moments.add(round);
      open.add(holder);
      int one = random.nextInt(kept.size());
      LastValuesCut cut = kept.get(one).cut();
      for (int i = 0; cut != null && i < SENSORS; i++) {
        assertThat(!cut.has(i) || cut.bits(i) <= moments.get(one)).isTrue();
      }
    }
    values.close();
  }

  private void close() {
    try {
      for (CutHolder next = open.poll(1, TimeUnit.SECONDS);
          next != null;
          next = open.poll(1, TimeUnit.SECONDS)) {
        next.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void cutsClosedByAnyThread_giveEverythingBack() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(FOLDS + CLOSERS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < FOLDS; i++) {
        int number = i;
        all.add(threads.submit(() -> fold(number)));
      }
      for (int i = 0; i < CLOSERS; i++) {
        all.add(threads.submit(this::close));
      }
      for (Future<?> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
    close();
    assertThat(budget.used()).isZero();
    assertThat(budget.refusals()).as("revoked").isPositive();
  }
}
