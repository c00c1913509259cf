package dev.weir.service.core.credit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Credit is absolute and cumulative, whatever happens to the grants on their way. */
class SubscriptionCreditProperties {
  private static final int DELIVERY_MAX = 50;

  @Property
  void noDeliveryStartsAtALimit_andOneMayOverrun(@ForAll long seed) {
    var random = new Random(seed);
    var credit = new SubscriptionCredit(random.nextInt(100), random.nextInt(100));
    long readings = 0;
    long bytes = 0;
    long readingsTotal = credit.readingsLeft().orElseThrow();
    long bytesTotal = credit.bytesLeft().orElseThrow();
    for (int step = 0; step < 200; step++) {
      if (random.nextInt(3) == 0) {
        long moreReadings = random.nextInt(1_000);
        long moreBytes = random.nextInt(1_000);
        credit.grant(moreReadings, moreBytes);
        readingsTotal = Math.max(readingsTotal, moreReadings);
        bytesTotal = Math.max(bytesTotal, moreBytes);
      }
      assertThat(credit.mayStart()).isEqualTo(readings < readingsTotal && bytes < bytesTotal);
      if (credit.mayStart()) {
        int sentReadings = 1 + random.nextInt(DELIVERY_MAX);
        int sentBytes = 1 + random.nextInt(DELIVERY_MAX);
        credit.charge(sentReadings, sentBytes);
        readings += sentReadings;
        bytes += sentBytes;
      }
      assertThat(readings).isLessThan(readingsTotal + DELIVERY_MAX);
      assertThat(bytes).isLessThan(bytesTotal + DELIVERY_MAX);
      assertThat(credit.readingsLeft()).hasValue(Math.max(0, readingsTotal - readings));
      assertThat(credit.bytesLeft()).hasValue(Math.max(0, bytesTotal - bytes));
    }
  }

  @Property
  void repeatedAndReorderedGrants_doNoHarm(
      @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 0, max = 1_000) Integer> totals,
      @ForAll Random random) {
    var inOrder = new SubscriptionCredit(0, 0);
    totals.stream().sorted().forEach(total -> inOrder.grant(total, 2L * total));
    var disturbed = new ArrayList<>(totals);
    disturbed.addAll(totals);
    Collections.shuffle(disturbed, random);
    var outOfOrder = new SubscriptionCredit(0, 0);
    disturbed.forEach(total -> outOfOrder.grant(total, 2L * total));
    assertThat(outOfOrder.readingsLeft()).isEqualTo(inOrder.readingsLeft());
    assertThat(outOfOrder.bytesLeft()).isEqualTo(inOrder.bytesLeft());
  }
}
