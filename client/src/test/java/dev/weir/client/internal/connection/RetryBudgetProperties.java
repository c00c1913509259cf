package dev.weir.client.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class RetryBudgetProperties {
  @Property(tries = 300)
  void whateverIsAsked_noMinuteSeesMoreThanTheBudget(
      @ForAll @IntRange(min = 2, max = 40) int perMinute,
      @ForAll @LongRange(min = Long.MAX_VALUE - 1_000_000_000L) long start,
      @ForAll @Size(min = 100, max = 300)
          List<@LongRange(min = 0, max = 4_000_000_000L) Long> gaps) {
    RetryBudget budget = new RetryBudget(perMinute, start);
    List<Long> taken = new ArrayList<>();
    long now = start;
    for (long gap : gaps) {
      now += gap;
      if (budget.tryTake(now)) {
        taken.add(now);
      }
    }
    assertThat(taken).isNotEmpty();
    for (int i = 0; i + perMinute < taken.size(); i++) {
      assertThat(taken.get(i + perMinute) - taken.get(i))
          .isGreaterThanOrEqualTo(TimeUnit.MINUTES.toNanos(1));
    }
  }

  @Property(tries = 200)
  void triesThatSucceed_areNotCounted(
      @ForAll @IntRange(min = 2, max = 40) int perMinute,
      @ForAll @IntRange(min = 1, max = 500) int tries) {
    RetryBudget budget = new RetryBudget(perMinute, 0);
    for (int i = 0; i < tries; i++) {
      assertThat(budget.tryTake(0)).isTrue();
      budget.giveBack();
    }
  }
}
