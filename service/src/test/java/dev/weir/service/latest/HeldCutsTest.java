package dev.weir.service.latest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.budget.RevocableBudget;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HeldCutsTest {
  private static final int SENSORS = 10 * LastValuesChunk.SENSORS;
  private static final long CHUNK_BYTES =
      new LastValuesChunk(LastValuesChunk.SENSORS).heapBytes() + HeldCuts.KEPT_BYTES;

  private final Budget budget = new Budget("snapshot_budget_bytes", 1 << 20);
  private final RevocableBudget revocable = new RevocableBudget(budget);
  private final AtomicInteger revoked = new AtomicInteger();
  private final LastValuesFold values =
      new LastValuesFold(0, 1, 100, new Budget("latest_bytes_max", 1 << 20));
  private long offset;

  private void fold(int fromSensor, int sensors) {
    Columns.Builder columns = Columns.newBuilder().setCount(sensors).setTimeBase(1);
    for (int i = 0; i < sensors; i++) {
      columns.addSensorIds(fromSensor + i).addIntegers(offset);
    }
    values.fold(Slice.of(Batch.newBuilder().addColumns(columns).build().toByteArray()), offset++);
  }

  private CutHolder holder(String peer) {
    return new CutHolder(revocable, peer, revoked::incrementAndGet);
  }

  @Test
  void cut_isChargedWhatItAloneKeeps_fromWhenItDoes() {
    fold(0, SENSORS);
    CutHolder holder = holder("a");
    values.cut(holder);
    long empty = budget.used();
    assertThat(empty).isBetween(HeldCuts.CUT_BYTES, 2 * HeldCuts.CUT_BYTES);
    fold(0, 1);
    assertThat(budget.used()).isEqualTo(empty + CHUNK_BYTES);
    fold(0, 1);
    fold(1, LastValuesChunk.SENSORS - 1);
    assertThat(budget.used()).as("one chunk is kept once").isEqualTo(empty + CHUNK_BYTES);
    fold(0, SENSORS);
    assertThat(budget.used()).isEqualTo(empty + 10 * CHUNK_BYTES);
    holder.close();
    assertThat(budget.used()).isZero();
    fold(0, SENSORS);
    assertThat(budget.used()).as("no cut is open").isZero();
  }

  @Test
  void cutsOfOneMoment_areChargedOnce_andTheLastOneKeepsAll() {
    fold(0, SENSORS);
    CutHolder first = holder("a");
    values.cut(first);
    long one = budget.used();
    CutHolder second = holder("b");
    HeldCut cut = values.cut(second);
    assertThat(budget.used()).isEqualTo(one + HeldCuts.CUT_BYTES);
    fold(0, SENSORS);
    assertThat(budget.used()).isEqualTo(one + HeldCuts.CUT_BYTES + 10 * CHUNK_BYTES);
    first.close();
    assertThat(budget.used()).as("now the other one keeps them").isEqualTo(one + 10 * CHUNK_BYTES);
    assertThat(cut.cut().bits(0)).isZero();
    assertThat(values.cut().bits(0)).isEqualTo(1);
    second.close();
    assertThat(budget.used()).isZero();
  }

  @Test
  void fullBudget_revokesAndNeverHoldsTheFoldUp() {
    fold(0, SENSORS);
    HeldCut old = values.cut(holder("a"));
    fold(0, SENSORS);
    CutHolder stays = holder("b");
    HeldCut young = values.cut(stays);
    fold(0, SENSORS / 2);
    budget.take(1 << 20); // by others
    fold(SENSORS / 2, 1);
    assertThat(old.cut()).isNull();
    assertThat(young.cut()).isNull();
    assertThat(stays.isRevoked()).isTrue();
    assertThat(revoked).hasValue(2);
    assertThat(values.cut().bits(SENSORS / 2)).isEqualTo(3);
    assertThat(budget.used()).as("that of others").isEqualTo(1 << 20);
  }

  @Test
  void cutForAClosedHolder_isClosed() {
    fold(0, SENSORS);
    CutHolder holder = holder("a");
    holder.close();
    assertThat(values.cut(holder).cut()).isNull();
    assertThat(budget.used()).isZero();
    holder.close();
    assertThat(revoked).hasValue(0);
  }

  @Test
  void closedValues_areKeptByTheirCuts() {
    fold(0, SENSORS);
    CutHolder holder = holder("a");
    HeldCut cut = values.cut(holder);
    long empty = budget.used();
    values.close();
    assertThat(budget.used()).isEqualTo(empty + 10 * CHUNK_BYTES);
    assertThat(cut.cut().has(SENSORS - 1)).isTrue();
    cut.close();
    cut.close();
    assertThat(budget.used()).isZero();
  }
}
