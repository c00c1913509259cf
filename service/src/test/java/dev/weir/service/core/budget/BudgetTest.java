package dev.weir.service.core.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BudgetTest {
  @Test
  void share_isWhatIsFree_betweenLeastAndMost() {
    Budget budget = new Budget("test_bytes", 1_000);
    assertThat(budget.share(10, 400)).isEqualTo(400);
    budget.take(700);
    assertThat(budget.share(10, 400)).isEqualTo(300);
    budget.take(500);
    assertThat(budget.share(10, 400)).as("also where it is overrun").isEqualTo(10);
    budget.giveBack(1_200);
    assertThat(budget.used()).isZero();
  }

  @Test
  void nearlyUsed_isNineTenths_andLacks_isBeyondTheEnd() {
    Budget budget = new Budget("test_bytes", 1_000);
    budget.take(900);
    assertThat(budget.isNearlyUsed()).isFalse();
    assertThat(budget.lacks(100)).isFalse();
    budget.take(1);
    assertThat(budget.isNearlyUsed()).isTrue();
    assertThat(budget.lacks(100)).isTrue();
  }

  @Test
  void holdersThatTakeAllTheyMay_leaveRoomForOthers_andHoldAboutTheSame() {
    Random random = new Random(1);
    Budget budget = new Budget("test_bytes", 1_000_000);
    long[] held = new long[9];
    for (int i = 0; i < 100_000; i++) {
      int holder = random.nextInt(held.length);
      if (held[holder] + 100 <= budget.share(100, Long.MAX_VALUE)) {
        held[holder] += 100;
        budget.take(100);
      }
    }
    for (long bytes : held) {
      assertThat(bytes).isBetween(80_000L, 120_000L);
    }
    assertThat(budget.share(0, Long.MAX_VALUE)).as("a tenth is free").isGreaterThan(80_000);
  }
}
