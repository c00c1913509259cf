package dev.weir.service.core.credit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Rule 1 of SubscribeService, by example. */
class SubscriptionCreditTest {
  @Test
  void zero_isIdleUntilGranted() {
    var credit = new SubscriptionCredit(0, SubscriptionCredit.UNLIMITED);
    assertThat(credit.mayStart()).isFalse();
    credit.grant(10, SubscriptionCredit.UNLIMITED);
    assertThat(credit.mayStart()).isTrue();
  }

  @Test
  void omitted_holdsNothingBack() {
    SubscriptionCredit credit = SubscriptionCredit.unlimited();
    credit.charge(1L << 60, 1L << 60);
    assertThat(credit.mayStart()).isTrue();
    assertThat(credit.readingsLeft()).isEmpty();
    assertThat(credit.bytesLeft()).isEmpty();
  }

  @Test
  void overrun_isChargedAgainstLaterCredit() {
    var credit = new SubscriptionCredit(10, 1_000);
    credit.charge(15, 600);
    assertThat(credit.mayStart()).isFalse();
    assertThat(credit.readingsLeft()).hasValue(0);
    assertThat(credit.bytesLeft()).hasValue(400);
    credit.grant(15, 1_000);
    assertThat(credit.mayStart()).isFalse();
    credit.grant(16, 1_000);
    assertThat(credit.mayStart()).isTrue();
    assertThat(credit.readingsLeft()).hasValue(1);
  }

  @Test
  void eitherTotal_isEnoughToHoldBack() {
    var credit = new SubscriptionCredit(SubscriptionCredit.UNLIMITED, 100);
    credit.charge(1, 100);
    assertThat(credit.mayStart()).isFalse();
  }

  @Test
  void unsignedTotalsBeyondTheRange_areNoLimit() {
    assertThat(SubscriptionCredit.total(true, -1)).isEqualTo(SubscriptionCredit.UNLIMITED);
    assertThat(SubscriptionCredit.total(false, 0)).isEqualTo(SubscriptionCredit.UNLIMITED);
    assertThat(SubscriptionCredit.total(true, 0)).isZero();
  }

  @Test
  void negativeCharge_isADefect() {
    var credit = SubscriptionCredit.unlimited();
    assertThatThrownBy(() -> credit.charge(-1, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
