package dev.weir.it.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveryAudit;
import dev.weir.it.contract.harness.OverloadRun;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Durability;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.Overflow;
import dev.weir.v1.Retention;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionEnd;
import dev.weir.v1.Topic;
import org.junit.jupiter.api.Test;

/**
 * A million readings per overflow policy, of which the subscriber takes a twentieth: every one was
 * delivered, or lies in exactly one gap.
 */
final class OverflowAuditTest extends ContractTest {
  private static final int READINGS = 1_000_000;
  private static final int PARTITIONS = 2;
  private static final int BATCH = 1_000;
  private static final int MAX_LAG = 20_000;

  private OverloadRun overload(Durability durability) {
    boolean memory = durability == Durability.DURABILITY_MEMORY;
    TestTopic topic =
        server(TransportSetup.IN_PROCESS_1, quick().with(Limit.DELIVERY_BYTES_MAX, 16 << 10))
            .topic(
                Topic.newBuilder()
                    .setName(newTopicName())
                    .setPartitionCount(PARTITIONS)
                    .setDurability(durability)
                    .setRetention(Retention.newBuilder().setMaxBytes(memory ? 1 << 20 : 0)));
    return new OverloadRun(topic);
  }

  private static Subscription.Builder asked(OverloadRun overload, Overflow overflow) {
    return overload
        .subscriber()
        .everything(1)
        .setOverflow(overflow)
        .setFormat(Format.FORMAT_COLUMNS);
  }

  private static DeliveryAudit run(OverloadRun overload, Subscription.Builder asked, int readings) {
    overload.run(asked, readings / PARTITIONS, BATCH);
    assertThat(overload.numbers().sentInAll()).isEqualTo(readings);
    return overload.audit().take(overload.subscriber().responses().all(), 1).requireComplete();
  }

  @Test
  void dropOldest_everyMissingReadingLiesInOneGap() {
    OverloadRun overload = overload(Durability.DURABILITY_SYNCED);
    Subscription.Builder asked = asked(overload, Overflow.OVERFLOW_DROP_OLDEST);
    asked.getMaxLagBuilder().setReadings(MAX_LAG);
    requireDropped(
        run(overload, asked, READINGS).requireBounds(20), GapReason.GAP_REASON_DROPPED, READINGS);
  }

  @Test
  void conflate_everyMissingReadingLiesInOneGap() {
    OverloadRun overload = overload(Durability.DURABILITY_SYNCED);
    Subscription.Builder asked = asked(overload, Overflow.OVERFLOW_CONFLATE);
    asked.getMaxLagBuilder().setReadings(MAX_LAG);
    requireDropped(
        run(overload, asked, READINGS).requireBounds(20), GapReason.GAP_REASON_CONFLATED, READINGS);
  }

  @Test
  void catchUpOnMemory_everyMissingReadingLiesInOneGap() {
    OverloadRun overload = overload(Durability.DURABILITY_MEMORY);
    Subscription.Builder asked = asked(overload, Overflow.OVERFLOW_CATCH_UP);
    // twice as many: its memory holds some hundred thousand, which are not dropped
    requireDropped(
        run(overload, asked, 2 * READINGS), GapReason.GAP_REASON_RETENTION, 2 * READINGS);
  }

  private static void requireDropped(DeliveryAudit audit, GapReason reason, int readings) {
    assertThat(audit.deliveredCount()).as("80 %% are dropped").isBetween(1L, readings / 5L);
    assertThat(audit.gaps())
        .isNotEmpty()
        .allMatch(gap -> gap.getReason() == reason)
        .noneMatch(Gap::getUpperBound);
  }

  @Test
  void catchUpFromTheLog_losesNothing() {
    OverloadRun overload = overload(Durability.DURABILITY_SYNCED);
    DeliveryAudit audit = run(overload, asked(overload, Overflow.OVERFLOW_CATCH_UP), READINGS);

    assertThat(audit.gaps()).isEmpty();
    assertThat(audit.deliveredCount()).isEqualTo(READINGS);
  }

  @Test
  void end_whatIsMissingLiesBehindItsCursor() {
    OverloadRun overload = overload(Durability.DURABILITY_SYNCED);
    Subscription.Builder asked = asked(overload, Overflow.OVERFLOW_END);
    asked.getMaxLagBuilder().setReadings(MAX_LAG);
    overload.run(asked, READINGS / PARTITIONS, BATCH);
    RawSubscribeSession subscriber = overload.subscriber();
    SubscriptionEnd end = subscriber.awaitEnd(1);
    assertThat(end.getReason()).isEqualTo(EndReason.END_REASON_LAGGED);
    assertThat(subscriber.readings(1).size()).isLessThan(READINGS / 5);
    subscriber.responses().mark();
    Subscription.Builder rest =
        subscriber
            .everything(1)
            .setFormat(Format.FORMAT_COLUMNS)
            .setStart(Start.newBuilder().setAfterCursor(end.getCursor()));
    rest.getUntilBuilder().setNow(true);
    subscriber.add(rest);
    subscriber.awaitEnd(1);

    DeliveryAudit audit = overload.audit().take(subscriber.responses().all(), 1).requireComplete();
    assertThat(audit.gaps()).isEmpty();
    assertThat(audit.deliveredCount()).isEqualTo(READINGS);
  }
}
