package dev.weir.client;

import dev.weir.v1.Mode;
import dev.weir.v1.Overflow;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import java.time.Duration;

/**
 * Sets what follows from other options of a subscription, and refuses options that exclude each
 * other. Stateless.
 */
final class SubscriptionDefaults {
  private SubscriptionDefaults() {}

  /**
   * Completes a subscription.
   *
   * @param chosen the sensors; empty: all
   * @param commitEvery null: not set
   * @return how often the cursor is committed; null: not at all
   * @throws IllegalArgumentException where options exclude each other
   */
  static Duration apply(Subscription.Builder subscription, Selector chosen, Duration commitEvery) {
    boolean all = chosen.equals(Selector.getDefaultInstance());
    subscription.setSelector(all ? Selector.newBuilder().setAll(true).build() : chosen);
    boolean durable = !subscription.getName().isEmpty();
    if (commitEvery != null && !durable) {
      throw OptionChecks.wrong("commitEvery", commitEvery, "a durable subscription");
    }
    if (!subscription.hasStart()) {
      subscription.setStart(
          durable ? Start.newBuilder().setCommitted(true) : Start.newBuilder().setLatest(true));
    }
    ProtoTimes.requireOrder("eventTime", subscription.getEventTime());
    boolean lossy = subscription.getOverflow() != Overflow.OVERFLOW_UNSPECIFIED;
    if (subscription.hasMaxLag() && !lossy) {
      throw new IllegalArgumentException(
          "maxLag: needs conflate, dropOldest or endWhenLagging (without them nothing is skipped)");
    }
    if (subscription.getMode() != Mode.MODE_UNSPECIFIED) {
      subscription.setSnapshot(false);
    } else if (subscription.getSnapshot() && !subscription.getStart().getLatest()) {
      throw OptionChecks.wrong(
          "snapshot", subscription.getStart().getAtCase(), "the start fromLatest");
    }
    return commitEvery == null && durable ? Duration.ofSeconds(1) : commitEvery;
  }
}
