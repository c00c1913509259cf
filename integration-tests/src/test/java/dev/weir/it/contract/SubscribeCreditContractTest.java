package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.v1.Credit;
import dev.weir.v1.Delivery;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.Progress;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rule 1 of SubscribeService: credit is absolute and cumulative. */
final class SubscribeCreditContractTest extends ContractTest {
  private static final List<Limit> TIMEOUTS =
      List.of(
          Limit.OPEN_TIMEOUT_MS,
          Limit.HANDSHAKE_TIMEOUT_MS,
          Limit.KEEPALIVE_TIME_MS,
          Limit.KEEPALIVE_TIMEOUT_MS);

  private static Credit credit(long readings, long bytes) {
    return Credit.newBuilder().setReadings(readings).setBytes(bytes).build();
  }

  private static Subscription.Builder withProgress(RawSubscribeSession subscriber, int id) {
    Subscription.Builder subscription = subscriber.everything(id);
    subscription.getProgressIntervalBuilder().setNanos(100_000_000);
    return subscription;
  }

  private static Progress awaitProgress(RawSubscribeSession subscriber, int id) {
    return subscriber
        .responses()
        .await(
            "progress of " + id,
            said -> said.hasProgress() && said.getProgress().getSubscription() == id)
        .getProgress();
  }

  /** Waits until progress reports that no credit is left. */
  private static Progress awaitSpent(RawSubscribeSession subscriber, int id) {
    subscriber.responses().mark();
    return subscriber
        .responses()
        .await(
            "progress without credit",
            said ->
                said.hasProgress()
                    && said.getProgress().getSubscription() == id
                    && (said.getProgress().getCreditReadingsLeft() == 0
                        || said.getProgress().getCreditBytesLeft() == 0))
        .getProgress();
  }

  /**
   * Returns limits with the shortest timeouts for a client or its connection that can be
   * configured.
   */
  private static Limits impatient() {
    Limits limits = quick();
    for (Limit timeout : TIMEOUTS) {
      limits = limits.with(timeout, timeout.min());
    }
    return limits;
  }

  /**
   * Returns how long the server can wait for a client that sends nothing, before each timeout is
   * over.
   */
  private static long patienceNanos(Limits limits) {
    return TIMEOUTS.stream().mapToLong(limits::get).sum() * 1_000_000;
  }

  @EachSetup
  void contract05_zeroCreditForALongTime_staysOpen(TransportSetup setup) {
    Limits limits = impatient();
    TestTopic topic = topicOfOwnServer(setup, limits);
    int total = TopicFiller.partitions(topic, 5).size();
    RawSubscribeSession subscriber = topic.subscriberOn(topic.server().newChannel());
    subscriber.open(withProgress(subscriber, 1).setCredit(credit(0, 0)));
    long began = System.nanoTime();
    while (System.nanoTime() - began <= patienceNanos(limits)) {
      Progress progress = subscriber.nextProgress(1);
      assertThat(progress.getLagReadings()).isEqualTo(total);
      assertThat(progress.getCreditReadingsLeft()).isZero();
      assertThat(progress.getCreditBytesLeft()).isZero();
    }
    assertThat(subscriber.deliveries(1)).isEmpty();
    subscriber.credit(1, credit(Long.MAX_VALUE, Long.MAX_VALUE).toBuilder());

    assertThat(subscriber.awaitReadings(1, total)).hasSize(total);
  }

  @EachSetup
  void contract06_removeWithUndeliveredData_addAgain_creditStartsAtZero(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    int total = TopicFiller.partitions(topic, 20).size();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(withProgress(subscriber, 1).setCredit(credit(5, Long.MAX_VALUE)));
    awaitSpent(subscriber, 1);
    int before = subscriber.readings(1).size();
    var end = subscriber.remove(1);

    assertThat(end.getReason()).isEqualTo(EndReason.END_REASON_REMOVED);
    assertThat(before).isBetween(5, total - 1);
    var again =
        withProgress(subscriber, 1)
            .setStart(StartPositions.after(end.getCursor()))
            .setCredit(credit(0, Long.MAX_VALUE));
    assertThat(subscriber.add(again).hasProblem()).isFalse();
    Progress progress = awaitProgress(subscriber, 1);
    assertThat(progress.getCreditReadingsLeft()).isZero();
    assertThat(progress.getLagReadings()).isEqualTo(total - before);
    assertThat(subscriber.readings(1)).as("nothing without credit").hasSize(before);
    subscriber.creditReadings(1, total);
    assertThat(subscriber.awaitReadings(1, total))
        .extracting(got -> got.value())
        .doesNotHaveDuplicates();
  }

  @EachSetup
  void contract07_raisedTotalsAreObeyed_lowerAndRepeatedOnesIgnored(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    int total = TopicFiller.partitions(topic, 30).size();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(withProgress(subscriber, 1).setCredit(credit(10, Long.MAX_VALUE)));
    awaitSpent(subscriber, 1);
    long first = overrunsByOneDelivery(subscriber, 10);

    subscriber.creditReadings(1, 5);
    subscriber.creditReadings(1, 10);
    subscriber.ping(1);
    awaitSpent(subscriber, 1);
    assertThat(subscriber.readings(1)).as("lower and repeated totals").hasSize((int) first);

    subscriber.creditReadings(1, first + 1);
    subscriber.awaitReadings(1, first + 1);
    awaitSpent(subscriber, 1);
    overrunsByOneDelivery(subscriber, first + 1);
    subscriber.credit(1, Credit.newBuilder());
    assertThat(subscriber.awaitReadings(1, total)).as("absent totals are no limit").hasSize(total);
  }

  /** A delivery starts while the total is below its limit, and none starts at it. */
  private static long overrunsByOneDelivery(RawSubscribeSession subscriber, long limit) {
    long sum = 0;
    for (Delivery delivery : subscriber.deliveries(1)) {
      assertThat(sum).as("readings charged before a delivery").isLessThan(limit);
      sum += delivery.getChargedReadings();
    }
    assertThat(sum).isGreaterThanOrEqualTo(limit);
    return sum;
  }

  @EachSetup
  void rule1_bytesAreCreditToo_asEachDeliveryStatesThem(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    int total = TopicFiller.partitions(topic, 30).size();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(withProgress(subscriber, 1).setCredit(Credit.newBuilder().setBytes(2_000)));
    Progress spent = awaitSpent(subscriber, 1);
    assertThat(spent.hasCreditReadingsLeft()).as("no limit of readings").isFalse();

    long sum = 0;
    for (Delivery delivery : subscriber.deliveries(1)) {
      assertThat(sum).isLessThan(2_000);
      long entries =
          delivery.getReadingsList().stream()
              .mapToLong(row -> row.getSerializedSize() + (row.getSerializedSize() < 128 ? 2 : 3))
              .sum();
      assertThat(delivery.getChargedBytes()).as("bytes of `readings`").isEqualTo(entries);
      sum += delivery.getChargedBytes();
    }
    assertThat(sum).isGreaterThanOrEqualTo(2_000);
    subscriber.credit(1, Credit.newBuilder().setBytes(Long.MAX_VALUE).setReadings(total));
    subscriber.awaitReadings(1, total);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "IN_PROCESS_1,FORMAT_ROWS", "IN_PROCESS_3,FORMAT_COLUMNS",
    "NETTY_1,FORMAT_COLUMNS", "NETTY_3,FORMAT_ROWS"
  })
  void contract09_subscriptionWithoutCredit_delaysNoNeighbour(TransportSetup setup, Format format) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    int total = TopicFiller.partitions(topic, 30).size();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        subscriber.everything(1).setFormat(format).setCredit(credit(1, Long.MAX_VALUE)),
        subscriber.everything(2).setFormat(format),
        subscriber.everything(3).setFormat(format).setCredit(credit(0, 0)),
        subscriber.everything(4).setFormat(format).setCredit(credit(total, Long.MAX_VALUE)));

    assertThat(subscriber.awaitReadings(2, total)).hasSize(total);
    assertThat(subscriber.awaitReadings(4, total)).hasSize(total);
    assertThat(subscriber.readings(3)).isEmpty();
    assertThat(subscriber.deliveries(1).size()).isLessThanOrEqualTo(1);
    TopicFiller.one(topic, 7);
    subscriber.awaitReadings(2, total + setup.partitions());
    assertThat(subscriber.responses().all()).noneMatch(SubscribeResponse::hasEnd);
  }
}
