package dev.weir.service.core.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.overflow.OverflowRule.Policy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OverflowRuleTest {
  private static final long NOW = 1_000_000;
  private static final long MAX_READINGS = 10;
  private static final long MAX_NANOS = 100;
  private static final Map<Policy, OverflowAction> LOSSY =
      Map.of(
          Policy.CONFLATE, OverflowAction.CONFLATE,
          Policy.DROP_OLDEST, OverflowAction.DROP_OLDEST,
          Policy.END, OverflowAction.END);

  private static OverflowAction action(
      OverflowRule rule, long lagReadings, long nextAppendNanos, boolean leftMemory) {
    return rule.action(lagReadings, nextAppendNanos, leftMemory, NOW);
  }

  @Test
  void catchUp_readsOnHoweverFarItIsBehind() {
    for (OverflowRule rule :
        List.of(
            OverflowRule.CATCH_UP, new OverflowRule(Policy.CATCH_UP, MAX_READINGS, MAX_NANOS))) {
      assertThat(action(rule, Long.MAX_VALUE, OverflowRule.TOO_OLD, true))
          .isEqualTo(OverflowAction.READ_ON);
    }
  }

  @Test
  void moreReadingsBehindThanAllowed_overflow() {
    LOSSY.forEach(
        (policy, expected) -> {
          OverflowRule rule = new OverflowRule(policy, MAX_READINGS, 0);
          assertThat(action(rule, MAX_READINGS, OverflowRule.NOT_KNOWN, false))
              .isEqualTo(OverflowAction.READ_ON);
          assertThat(action(rule, MAX_READINGS + 1, OverflowRule.NOT_KNOWN, false))
              .isEqualTo(expected);
        });
  }

  @Test
  void nextRecordOlderThanAllowed_overflows() {
    LOSSY.forEach(
        (policy, expected) -> {
          OverflowRule rule = new OverflowRule(policy, 0, MAX_NANOS);
          assertThat(action(rule, 1, NOW - MAX_NANOS, false)).isEqualTo(OverflowAction.READ_ON);
          assertThat(action(rule, 1, NOW - MAX_NANOS - 1, false)).isEqualTo(expected);
          assertThat(action(rule, 1, OverflowRule.TOO_OLD, false)).isEqualTo(expected);
          assertThat(action(rule, Long.MAX_VALUE, OverflowRule.NOT_KNOWN, false))
              .as("its readings are not bounded")
              .isEqualTo(OverflowAction.READ_ON);
        });
  }

  @Test
  void eitherBound_overflowsByItself() {
    LOSSY.forEach(
        (policy, expected) -> {
          OverflowRule rule = new OverflowRule(policy, MAX_READINGS, MAX_NANOS);
          assertThat(action(rule, MAX_READINGS, NOW, false)).isEqualTo(OverflowAction.READ_ON);
          assertThat(action(rule, MAX_READINGS + 1, NOW, false)).isEqualTo(expected);
          assertThat(action(rule, 1, NOW - MAX_NANOS - 1, false)).isEqualTo(expected);
        });
  }

  @Test
  void recordThatLeftMemory_overflowsOnlyWhereNothingIsBounded() {
    LOSSY.forEach(
        (policy, expected) -> {
          OverflowRule byMemory = new OverflowRule(policy, 0, 0);
          assertThat(action(byMemory, 1, OverflowRule.NOT_KNOWN, true)).isEqualTo(expected);
          assertThat(action(byMemory, 1, OverflowRule.NOT_KNOWN, false))
              .isEqualTo(OverflowAction.READ_ON);
          assertThat(
                  action(
                      new OverflowRule(policy, MAX_READINGS, 0), 1, OverflowRule.NOT_KNOWN, true))
              .isEqualTo(OverflowAction.READ_ON);
          assertThat(
                  action(new OverflowRule(policy, 0, MAX_NANOS), 1, OverflowRule.NOT_KNOWN, true))
              .isEqualTo(OverflowAction.READ_ON);
        });
  }

  @Test
  void onlyOnePolicy_endsASubscription() {
    for (Policy policy : Policy.values()) {
      assertThat(new OverflowRule(policy, 0, 0).ends()).isEqualTo(policy == Policy.END);
    }
  }
}
