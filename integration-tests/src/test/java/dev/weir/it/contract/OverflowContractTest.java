package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveryAudit;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.NumberedPublisher;
import dev.weir.it.contract.harness.OverloadRun;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.v1.Credit;
import dev.weir.v1.Durability;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.Overflow;
import dev.weir.v1.Phase;
import dev.weir.v1.Retention;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionEnd;
import dev.weir.v1.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Contract test 15 and rule 8 of SubscribeService: every overflow policy, and what it reports. */
final class OverflowContractTest extends ContractTest {
  private static final int READINGS = 50_100; // a whole number of batches in three partitions too
  private static final int BATCH = 100;

  private static Limits small() {
    return quick().with(Limit.DELIVERY_BYTES_MAX, 4_096);
  }

  private static Subscription.Builder asked(
      OverloadRun overload, Overflow overflow, Format format, int maxLag) {
    Subscription.Builder asked =
        overload.subscriber().everything(1).setOverflow(overflow).setFormat(format);
    if (maxLag > 0) {
      asked.getMaxLagBuilder().setReadings(maxLag);
    }
    return asked;
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource({
    "IN_PROCESS_1,OVERFLOW_DROP_OLDEST,FORMAT_COLUMNS",
    "IN_PROCESS_3,OVERFLOW_DROP_OLDEST,FORMAT_ROWS",
    "NETTY_1,OVERFLOW_DROP_OLDEST,FORMAT_ROWS",
    "NETTY_3,OVERFLOW_DROP_OLDEST,FORMAT_COLUMNS",
    "IN_PROCESS_1,OVERFLOW_CONFLATE,FORMAT_ROWS",
    "IN_PROCESS_3,OVERFLOW_CONFLATE,FORMAT_COLUMNS",
    "NETTY_1,OVERFLOW_CONFLATE,FORMAT_COLUMNS",
    "NETTY_3,OVERFLOW_CONFLATE,FORMAT_ROWS"
  })
  void contract15_everyMissingReading_liesInExactlyOneGap(
      TransportSetup setup, Overflow overflow, Format format) {
    TestTopic topic = topicOfOwnServer(setup, small());
    OverloadRun overload = new OverloadRun(topic);
    overload.run(asked(overload, overflow, format, 1_000), READINGS / setup.partitions(), BATCH);
    DeliveryAudit audit = overload.audit();
    audit.take(overload.subscriber().responses().all(), 1).requireComplete().requireBounds(20);

    assertThat(audit.deliveredCount()).as("80 %% are dropped").isBetween(1L, READINGS / 5L);
    GapReason reason =
        overflow == Overflow.OVERFLOW_CONFLATE
            ? GapReason.GAP_REASON_CONFLATED
            : GapReason.GAP_REASON_DROPPED;
    assertThat(audit.gaps())
        .isNotEmpty()
        .allMatch(gap -> gap.getReason() == reason)
        .noneMatch(Gap::getUpperBound);
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource({
    "IN_PROCESS_3,OVERFLOW_DROP_OLDEST,FORMAT_COLUMNS",
    "NETTY_1,OVERFLOW_DROP_OLDEST,FORMAT_ROWS",
    "IN_PROCESS_1,OVERFLOW_CONFLATE,FORMAT_ROWS",
    "NETTY_3,OVERFLOW_CONFLATE,FORMAT_COLUMNS"
  })
  void contract15_underASelector_too(TransportSetup setup, Overflow overflow, Format format) {
    TestTopic topic = topicOfOwnServer(setup, small());
    OverloadRun overload = new OverloadRun(topic);
    Subscription.Builder some = asked(overload, overflow, format, 1_000);
    some.getSelectorBuilder().clearAll().addGlobs("line1/*").addGlobs("line4/*");
    overload.run(some, READINGS / setup.partitions(), BATCH);
    DeliveryAudit audit =
        overload.audit(name -> name.startsWith("line1/") || name.startsWith("line4/"));
    audit.take(overload.subscriber().responses().all(), 1).requireComplete();

    assertThat(audit.gaps()).isNotEmpty().allMatch(Gap::getUpperBound);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "IN_PROCESS_1,OVERFLOW_DROP_OLDEST",
    "NETTY_3,OVERFLOW_DROP_OLDEST",
    "IN_PROCESS_3,OVERFLOW_CONFLATE",
    "NETTY_1,OVERFLOW_CONFLATE"
  })
  void contract15_beginsWithoutMaxLag_whereMemoryEnds(TransportSetup setup, Overflow overflow) {
    TestTopic topic = topicOfOwnServer(setup, small().with(Limit.TAIL_RECORDS_MAX, 16));
    OverloadRun overload = new OverloadRun(topic);
    overload.run(
        asked(overload, overflow, Format.FORMAT_COLUMNS, 0), READINGS / setup.partitions(), BATCH);
    DeliveryAudit audit = overload.audit();
    audit.take(overload.subscriber().responses().all(), 1).requireComplete().requireBounds(10);

    assertThat(audit.gaps()).isNotEmpty();
    assertThat(audit.deliveredCount()).isLessThan(READINGS / 5L);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({"IN_PROCESS_1,OVERFLOW_DROP_OLDEST", "NETTY_3,OVERFLOW_CONFLATE"})
  void contract15_beginsWhereTheNextReadingIsTooOld(TransportSetup setup, Overflow overflow) {
    TestTopic topic = topicOfOwnServer(setup, small());
    OverloadRun overload = new OverloadRun(topic);
    Subscription.Builder asked = asked(overload, overflow, Format.FORMAT_COLUMNS, 0);
    Duration maxLag = Duration.ofMillis(20);
    asked.getMaxLagBuilder().getTimeBuilder().setNanos(maxLag.toNanosPart());
    overload.publish(asked, READINGS / setup.partitions(), BATCH);
    Instant tooOld = Instant.now().plus(maxLag);
    await().until(() -> Instant.now().isAfter(tooOld)); // by the clock that the server reads
    overload.finish();
    DeliveryAudit audit = overload.audit();
    audit.take(overload.subscriber().responses().all(), 1).requireComplete().requireBounds(10);

    assertThat(audit.gaps()).isNotEmpty();
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "IN_PROCESS_1,FORMAT_ROWS", "IN_PROCESS_3,FORMAT_COLUMNS",
    "NETTY_1,FORMAT_COLUMNS", "NETTY_3,FORMAT_ROWS"
  })
  void contract15_catchUp_losesNothing(TransportSetup setup, Format format) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.TAIL_RECORDS_MAX, 16));
    OverloadRun overload = new OverloadRun(topic);
    overload.run(
        asked(overload, Overflow.OVERFLOW_CATCH_UP, format, 0),
        READINGS / setup.partitions(),
        BATCH);
    DeliveryAudit audit = overload.audit();
    audit.take(overload.subscriber().responses().all(), 1).requireComplete();

    assertThat(audit.gaps()).isEmpty();
    assertThat(audit.deliveredCount()).isEqualTo(overload.numbers().sentInAll());
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "IN_PROCESS_1,FORMAT_COLUMNS", "IN_PROCESS_3,FORMAT_ROWS",
    "NETTY_1,FORMAT_ROWS", "NETTY_3,FORMAT_COLUMNS"
  })
  void contract15_catchUpOnMemory_isAGapRetention(TransportSetup setup, Format format) {
    TestTopic topic =
        server(setup, small())
            .topic(
                Topic.newBuilder()
                    .setName(newTopicName())
                    .setPartitionCount(setup.partitions())
                    .setDurability(Durability.DURABILITY_MEMORY)
                    .setRetention(Retention.newBuilder().setMaxBytes(1 << 20)));
    OverloadRun overload = new OverloadRun(topic);
    overload.run(asked(overload, Overflow.OVERFLOW_CATCH_UP, format, 0), 4 * READINGS, BATCH);
    DeliveryAudit audit = overload.audit();
    audit.take(overload.subscriber().responses().all(), 1).requireComplete();

    assertThat(audit.gaps())
        .isNotEmpty()
        .allMatch(gap -> gap.getReason() == GapReason.GAP_REASON_RETENTION)
        .noneMatch(Gap::getUpperBound);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "IN_PROCESS_1,FORMAT_ROWS", "IN_PROCESS_3,FORMAT_COLUMNS",
    "NETTY_1,FORMAT_COLUMNS", "NETTY_3,FORMAT_ROWS"
  })
  void contract15_end_endsBehindWhatWasDelivered(TransportSetup setup, Format format) {
    TestTopic topic = topicOfOwnServer(setup, small());
    OverloadRun overload = new OverloadRun(topic);
    overload.run(
        asked(overload, Overflow.OVERFLOW_END, format, 1_000),
        READINGS / setup.partitions(),
        BATCH);
    RawSubscribeSession subscriber = overload.subscriber();
    SubscriptionEnd end = subscriber.awaitEnd(1);

    assertThat(end.getReason()).isEqualTo(EndReason.END_REASON_LAGGED);
    assertThat(subscriber.readings(1).size()).isLessThan(READINGS / 5);
    List<SubscribeResponse> first = subscriber.responses().all();
    subscriber.responses().mark();
    Subscription.Builder rest =
        subscriber.everything(1).setFormat(format).setStart(StartPositions.after(end.getCursor()));
    rest.getUntilBuilder().setNow(true);
    subscriber.add(rest);
    subscriber.awaitEnd(1);
    DeliveryAudit audit = overload.audit();
    audit.take(subscriber.responses().all(), 1).requireComplete();
    assertThat(audit.gaps()).isEmpty();
    assertThat(first).noneMatch(SubscribeResponse::hasGap);
  }

  @EachSetup
  void rule8_callCutBeforeTheGap_resumesAtTheOldPosition(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    int sensors = 500;
    NumberedPublisher numbers = new NumberedPublisher(topic, sensors);
    numbers.send(10, 10).settle();
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder conflated =
        subscriber.everything(1).setOverflow(Overflow.OVERFLOW_CONFLATE);
    conflated.getMaxLagBuilder().setReadings(600);
    conflated.getCreditBuilder().setReadings(10L * setup.partitions());
    subscriber.open(conflated);
    subscriber.awaitReadings(1, 10L * setup.partitions());
    numbers.send(1_000, 500).settle();
    subscriber.creditReadings(1, 10L * setup.partitions() + 5);
    subscriber.awaitReadings(1, 10L * setup.partitions() + 1);
    List<SubscribeResponse> all = subscriber.responses().all();
    subscriber.cancel();

    assertThat(all).noneMatch(SubscribeResponse::hasGap);
    String cursor = "";
    for (SubscribeResponse said : all) {
      String next = said.getDelivery().getCursor();
      cursor = next.isEmpty() ? cursor : next;
    }
    assertThat(all.get(all.size() - 1).getDelivery().getCursor()).as("last values").isEmpty();
    var rest = topic.tail(topic.everything().setStart(StartPositions.after(cursor)).build());
    assertThat(rest).hasSize(1_000 * setup.partitions());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"NETTY_1", "NETTY_3"})
  void contract14_slowConsumer_fallsBehind_catchesUp_withoutADisconnect(TransportSetup setup) {
    TestTopic topic =
        topicOfOwnServer(
            setup,
            quick().with(Limit.TAIL_BYTES, 1 << 20).with(Limit.DELIVERY_BYTES_MAX, 16 << 10));
    NumberedPublisher numbers = new NumberedPublisher(topic, 5);
    RawSubscribeSession slow = topic.subscriberOn(topic.server().newChannel());
    slow.open(slow.everything(1).setFormat(Format.FORMAT_COLUMNS));
    slow.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    slow.responses().pause();
    RawSubscribeSession live = topic.subscriberOn(topic.server().newChannel());
    live.open(live.everything(1).setFormat(Format.FORMAT_COLUMNS));
    numbers.send(1_200_000 / setup.partitions(), 2_000).settle(); // ten times the tail at least
    live.responses().awaitAll("live", all -> DeliveryAudit.reaches(topic, all, 1, numbers.sent()));
    int before = slow.readings(1).size();
    assertThat(slow.responses().isOver()).isFalse();
    assertThat(before).as("nothing is pulled").isLessThan(100_000);
    long handedOut = SessionQueries.deliveredReadings(topic, "PEER_NOT_READING");
    assertThat(handedOut)
        .as("what the server gave away to a peer that does not read")
        .isBetween(1L, 100_000L);
    slow.responses().resume();
    slow.responses()
        .awaitAll(
            "all, and caught up",
            all ->
                all.get(all.size() - 1).hasPhase()
                    && DeliveryAudit.reaches(topic, all, 1, numbers.sent()));

    assertThat(slow.phases(1))
        .startsWith(Phase.PHASE_CAUGHT_UP, Phase.PHASE_FELL_BEHIND)
        .endsWith(Phase.PHASE_CAUGHT_UP);
    DeliveryAudit audit = new DeliveryAudit(topic, numbers, any -> true);
    audit.take(slow.responses().all(), 1).requireComplete();
    assertThat(audit.gaps()).isEmpty();
    numbers.send(10, 10).settle();
    slow.responses().awaitAll("more", all -> DeliveryAudit.reaches(topic, all, 1, numbers.sent()));
  }

  @EachSetup
  void rule8_idleCreditBelowMaxLag_losesNothing(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder lossy =
        subscriber
            .everything(1)
            .setOverflow(Overflow.OVERFLOW_DROP_OLDEST)
            .setCredit(Credit.newBuilder().setReadings(0));
    lossy.getMaxLagBuilder().setReadings(100);
    subscriber.open(lossy);
    subscriber.awaitStatus(1);
    NumberedPublisher numbers = new NumberedPublisher(topic, 2).send(100, 10).settle();
    subscriber.ping(1);
    assertThat(subscriber.gaps(1)).isEmpty();
    subscriber.credit(1, Credit.newBuilder());
    subscriber.awaitReadings(1, numbers.sentInAll());
    assertThat(subscriber.gaps(1)).as("exactly max_lag behind is not too far").isEmpty();
  }
}
