package dev.weir.service.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetsTest {
  private static final long MIB = 1 << 20;

  /** Less what a server without peers takes, a heap of 64 parts of {@link #PART}. */
  private static final long HEAP = 536 * MIB;

  private static final long PART = 8 * MIB;

  private static List<Budget> heap(Budgets budgets) {
    return budgets.all().stream()
        .filter(b -> b != budgets.arriving() && b != budgets.files() && b != budgets.tail())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(longs = {64, 256, 512, 4_096})
  void allBudgetsUsedUp_leaveAFifthOfTheHeap(long heapMib) {
    Budgets budgets = Budgets.of(Limits.defaults(), heapMib * MIB, 256 * MIB, 1_024);
    heap(budgets).forEach(budget -> budget.take(budget.max()));
    long all = heap(budgets).stream().mapToLong(Budget::max).sum() + budgets.tail().max();
    assertThat(all).isLessThanOrEqualTo(heapMib * MIB / 5 * 4);
  }

  @ParameterizedTest
  @CsvSource({"4096, 891", "512, 107", "482, 100", "256, 100", "128, 52"})
  void collector_hasAHundredMebibytes_orHalf(long heapMib, long headRoomMib) {
    Budgets budgets = Budgets.of(Limits.defaults(), heapMib * MIB, 4_096 * MIB, 1_024);
    long all =
        heap(budgets).stream().mapToLong(Budget::max).sum()
            + budgets.tail().max() / 16 // the parts of it that do not give way
            - budgets.snapshots().max() / 4 * 3;
    long serverItself = Math.min(24, heapMib / 4);
    long left = heapMib - serverItself - all / MIB;
    assertThat(left).isBetween(headRoomMib - 1, headRoomMib + 1);
  }

  @Test
  void tail_isAQuarterWhileOthersAreIdle_andShrinksAsTheyAreUsed() {
    Budgets budgets = Budgets.of(Limits.defaults(), HEAP, 256 * MIB, 1_024);
    assertThat(budgets.tail().max()).isEqualTo(16 * PART);
    budgets.catalog().take(13 * PART);
    budgets.sessions().take(12 * PART);
    budgets.publish().take(5 * PART);
    assertThat(budgets.tail().max()).as("50 less what the others hold").isEqualTo(16 * PART);
    budgets.memoryLog().take(5 * PART);
    assertThat(budgets.tail().max()).isEqualTo(15 * PART);
    budgets.memoryLog().giveBack(5 * PART);
    assertThat(budgets.tail().max()).isEqualTo(16 * PART);
  }

  @Test
  void snapshots_giveWayToOthers_andTheTailToThem() {
    Budgets budgets = Budgets.of(Limits.defaults(), HEAP, 256 * MIB, 1_024);
    assertThat(budgets.snapshots().max()).isEqualTo(4 * PART);
    budgets.catalog().take(13 * PART);
    budgets.sessions().take(12 * PART);
    budgets.publish().take(5 * PART);
    budgets.memoryLog().take(5 * PART);
    budgets.snapshots().take(3 * PART);
    assertThat(budgets.tail().max()).isEqualTo(12 * PART);
    assertThat(budgets.snapshots().max()).isEqualTo(4 * PART);
    budgets.tail().take(12 * PART);
    assertThat(budgets.snapshots().max()).as("the tail gives way first").isEqualTo(4 * PART);
    budgets.unsent().take(5 * PART);
    budgets.blocks().take(8 * PART);
    assertThat(budgets.snapshots().max()).isEqualTo(2 * PART);
    budgets.latest().take(3 * PART);
    assertThat(budgets.snapshots().max()).isEqualTo(PART);
    assertThat(budgets.tail().max()).isEqualTo(PART);
  }

  @Test
  void littleDirectMemory_boundsWhatIsUnsentAndWhatArrives() {
    Budgets budgets = Budgets.of(Limits.defaults(), 4_096 * MIB, 256 * MIB, 1_024);
    assertThat(budgets.unsent().max() + budgets.arriving().max()).isEqualTo(128 * MIB);
    budgets = Budgets.of(Limits.defaults(), 512 * MIB, 512 * MIB, 1_024);
    assertThat(budgets.unsent().max()).isEqualTo((512 - 24) * MIB / 64 * 5);
  }

  @Test
  void budgetsBeyondTheHeap_areWarnedOfWithTheNumbers_andOthersAreNot() {
    assertThat(beyond(Limits.defaults())).isEmpty();
    assertThat(beyond(Limits.defaults().with(Limit.CATALOG_BUDGET_BYTES, 20 * PART))).isEmpty();
    // of 50 parts 13 are replaced by 40
    assertThat(beyond(Limits.defaults().with(Limit.CATALOG_BUDGET_BYTES, 40 * PART)).orElseThrow())
        .contains(String.valueOf(77 * PART), String.valueOf(64 * PART), "-Xmx");
    assertThat(beyond(Limits.defaults().with(Limit.TAIL_BYTES, 40 * PART))).isPresent();
  }

  private static Optional<String> beyond(Limits limits) {
    return Budgets.of(limits, HEAP, 256 * MIB, 1_024).beyond(limits, HEAP);
  }

  @Test
  void configuredLimits_replaceTheParts() {
    Limits limits =
        Limits.defaults().with(Limit.TAIL_BYTES, 5 * MIB).with(Limit.CATALOG_BUDGET_BYTES, 7 * MIB);
    Budgets budgets = Budgets.of(limits, HEAP, 256 * MIB, 1_024);
    budgets.publish().take(60 * PART);
    assertThat(budgets.tail().max()).isEqualTo(5 * MIB);
    assertThat(budgets.catalog().max()).isEqualTo(7 * MIB);
    assertThat(budgets.all())
        .extracting(Budget::name)
        .contains("tail_bytes", "catalog_budget_bytes", "open_files_max")
        .doesNotHaveDuplicates();
  }
}
