package dev.weir.service.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.admission.StaleOpenCheck.Attempt;
import dev.weir.service.core.budget.Budget;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which opens are stale, and how many producers are remembered. */
class StaleOpenCheckTest {
  private final Budget budget = new Budget("session_budget_bytes", 1 << 20);
  private final StaleOpenCheck opens = new StaleOpenCheck(budget);

  private static Attempt attempt(String producer, long instance, long number) {
    return new Attempt(1, producer, instance, number);
  }

  @Test
  void lowerAttempt_isStaleWhileOpenAndAfterwards_andAGreaterOneMakesItsElderStale() {
    Attempt second = attempt("p", 7, 2);
    assertThat(opens.isStaleOnArrival(second)).isFalse();
    assertThat(opens.isStaleOnArrival(attempt("p", 7, 1))).isTrue();
    opens.left(second);
    assertThat(opens.isStaleOnArrival(attempt("p", 7, 1))).isTrue();
    assertThat(opens.isStaleOnArrival(attempt("p", 7, 3))).isFalse();
    assertThat(opens.isStale(second)).isTrue();
    assertThat(opens.isStale(attempt("p", 7, 3))).isFalse();
  }

  @Test
  void otherObjectProducerOrLog_isNotCompared() {
    assertThat(opens.isStaleOnArrival(attempt("p", 7, 5))).isFalse();
    assertThat(opens.isStaleOnArrival(attempt("p", 8, 1))).isFalse();
    assertThat(opens.isStaleOnArrival(attempt("q", 7, 1))).isFalse();
    assertThat(opens.isStaleOnArrival(new Attempt(2, "p", 7, 1))).isFalse();
    assertThat(opens.isStaleOnArrival(attempt("p", 7, 4))).as("known behind another").isTrue();
  }

  @Test
  void openWithoutInstance_isNeverStale_andTakesNothing() {
    for (int i = 0; i < 3; i++) {
      assertThat(opens.isStaleOnArrival(attempt("p", 0, 0))).isFalse();
    }
    opens.left(attempt("p", 0, 0));
    assertThat(opens.size()).isZero();
    assertThat(budget.used()).isZero();
  }

  @Test
  void producersThatLeft_areForgottenEldestFirst_andGiveBackWhatTheyTook() {
    Budget wide = new Budget("session_budget_bytes", 1L << 40);
    StaleOpenCheck many = new StaleOpenCheck(wide);
    Attempt open = attempt("open", 1, 2);
    many.isStaleOnArrival(open);
    long one = wide.used();
    for (int i = 0; i <= StaleOpenCheck.LEFT_MAX; i++) {
      Attempt passing = attempt(String.format("%04x", i), 1, 2);
      assertThat(many.isStaleOnArrival(passing)).isFalse();
      many.left(passing);
    }
    assertThat(many.size()).isEqualTo(StaleOpenCheck.LEFT_MAX + 1);
    assertThat(wide.used()).isEqualTo((StaleOpenCheck.LEFT_MAX + 1) * one);
    assertThat(many.isStale(attempt("0000", 1, 1))).as("forgotten").isFalse();
    assertThat(many.isStale(attempt("0001", 1, 1))).isTrue();
    assertThat(many.isStale(attempt("open", 1, 1))).as("open").isTrue();
  }

  @Test
  void budgetThatIsNearlyUsed_keepsNobodyWhoLeft() {
    budget.take(budget.max() / 10 * 9);
    Attempt passing = attempt("p", 1, 2);
    opens.isStaleOnArrival(passing);
    opens.left(passing);
    assertThat(opens.size()).isZero();
    assertThat(budget.used()).isEqualTo(budget.max() / 10 * 9);
  }

  @Test
  void eachObjectOfAProducer_isCharged_asLongAsItIsRemembered() {
    List<Attempt> attempts = new ArrayList<>();
    List<Long> used = new ArrayList<>();
    for (int instance = 1; instance <= 6; instance++) {
      for (int number = 1; number <= 2; number++) {
        attempts.add(attempt("p", instance, number));
        opens.isStaleOnArrival(attempts.get(attempts.size() - 1));
      }
      used.add(budget.used());
    }
    assertThat(used.subList(0, 4)).as("four are remembered").isSorted().doesNotHaveDuplicates();
    assertThat(used.subList(3, 6)).as("a fifth one replaces the oldest").containsOnly(used.get(3));
    budget.take(budget.max());
    attempts.forEach(opens::left);
    assertThat(opens.size()).isZero();
    assertThat(budget.used()).isEqualTo(budget.max());
  }
}
