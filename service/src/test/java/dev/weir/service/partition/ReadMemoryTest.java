package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ReadMemoryTest {
  private final Budget budget = new Budget("catchup_block_bytes", 800);
  private final ReadMemory room =
      new ReadMemory(budget, new Budget("session_budget_bytes", 1 << 20));

  @Test
  void recordLargerThanTheBudget_isReadAlone() {
    ReadMemory.Reservation large = room.take(5_000);
    assertThat(large).isNotNull();
    assertThat(room.take(900)).as("a second one waits").isNull();
    assertThat(budget.refusals()).isEqualTo(1);
    large.giveBack();
    assertThat(room.take(900)).isNotNull();
    assertThat(budget.used()).isEqualTo(900);
  }

  @Test
  void recordsPutBack_areKeptWithinAnEighth_andLargeOnesNever() {
    ReadMemory.Reservation first = room.take(60);
    ReadMemory.Reservation second = room.take(60);
    assertThat(first.tryKeep()).isTrue();
    assertThat(first.tryKeep()).as("it is kept already").isTrue();
    assertThat(second.tryKeep()).isFalse();
    first.giveBack();
    assertThat(second.tryKeep()).isTrue();
    ReadMemory.Reservation exceeding = room.take(10_000);
    assertThat(exceeding.tryKeep()).isFalse();
    exceeding.giveBack();
    second.giveBack();
    assertThat(budget.used()).isZero();
  }

  /** However records come and go, no more than one of them exceeds the budget. */
  @Property(tries = 300)
  void places_areCounted_andExceedTheBudgetByOneAtMost(@ForAll long seed) {
    Random random = new Random(seed);
    Budget bytes = new Budget("catchup_block_bytes", random.nextInt(2_000));
    ReadMemory places = new ReadMemory(bytes, new Budget("session_budget_bytes", 1 << 20));
    List<ReadMemory.Reservation> held = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    for (int step = 0; step < 200; step++) {
      if (random.nextBoolean()) {
        long size = 1L + random.nextInt(800);
        ReadMemory.Reservation place = places.take(size);
        if (place != null) {
          held.add(place);
          sizes.add(size);
        }
      } else if (!held.isEmpty()) {
        int which = random.nextInt(held.size());
        if (random.nextInt(3) == 0) {
          held.get(which).tryKeep();
        } else {
          held.remove(which).giveBack();
          sizes.remove(which);
        }
      }
      assertThat(bytes.used()).isEqualTo(sizes.stream().mapToLong(Long::longValue).sum());
      assertThat(bytes.used()).as("seed %d", seed).isLessThan(bytes.max() + 801);
    }
    held.forEach(ReadMemory.Reservation::giveBack);
    assertThat(bytes.used()).isZero();
    assertThat(places.take(10_000)).as("the reserve is there again").isNotNull();
  }
}
