package dev.weir.service.core.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RevocableBudgetTest {
  private final AtomicLong max = new AtomicLong(100);
  private final Budget budget = new Budget("snapshot_budget_bytes", "bytes", max::get);
  private final RevocableBudget revocable = new RevocableBudget(budget);
  private final List<String> lost = new ArrayList<>();

  private RevocableBudget.Holding holding(String peer, String name) {
    var made = new RevocableBudget.Holding[1];
    made[0] =
        revocable.add(
            peer,
            () -> {
              lost.add(name);
              made[0].shrank(made[0].bytes());
            });
    return made[0];
  }

  @Test
  void fullBudget_takesTheLargestOfThePeerThatHoldsMost() {
    RevocableBudget.Holding single = holding("honest", "single");
    RevocableBudget.Holding small = holding("greedy", "small");
    RevocableBudget.Holding large = holding("greedy", "large");
    single.grew(45);
    small.grew(20);
    large.grew(30);
    revocable.settle();
    assertThat(lost).as("it fits").isEmpty();
    single.grew(6);
    revocable.settle();
    assertThat(lost).as("51 of the one, 50 of the other").containsExactly("single");
    single = holding("honest", "single again");
    single.grew(49);
    small.grew(2);
    single.settle();
    assertThat(lost).containsExactly("single", "large");
    assertThat(budget.used()).isEqualTo(71);
    assertThat(budget.refusals()).isEqualTo(2);
  }

  @Test
  void equalPeers_loseTheOldest() {
    List<RevocableBudget.Holding> all = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      all.add(holding(name, name));
    }
    for (int i = 2; i >= 0; i--) {
      all.get(i).grew(40);
    }
    revocable.settle();
    assertThat(lost).containsExactly("a");
    assertThat(budget.used()).isEqualTo(80);
  }

  @Test
  void budgetThatBecomesLess_isSettledLater() {
    RevocableBudget.Holding first = holding("a", "first");
    first.grew(60);
    RevocableBudget.Holding second = holding("b", "second");
    second.grew(40);
    max.set(10);
    revocable.settle();
    assertThat(lost).containsExactly("first", "second");
    assertThat(budget.used()).isZero();
    revocable.settle();
    assertThat(lost).hasSize(2);
  }

  @Test
  void movedBytes_countForTheOtherPeer() {
    RevocableBudget.Holding first = holding("a", "first");
    first.grew(60);
    RevocableBudget.Holding second = holding("b", "second");
    second.grew(30);
    first.moveTo(second, 50);
    assertThat(budget.used()).isEqualTo(90);
    assertThat(second.bytes()).isEqualTo(80);
    first.grew(11);
    revocable.settle();
    assertThat(lost).containsExactly("second");
    first.shrank(21);
    assertThat(budget.used()).isZero();
  }
}
