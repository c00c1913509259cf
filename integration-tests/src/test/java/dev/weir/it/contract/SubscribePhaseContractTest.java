package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Credit;
import dev.weir.v1.Format;
import dev.weir.v1.PartitionProgress;
import dev.weir.v1.Phase;
import dev.weir.v1.Ping;
import dev.weir.v1.Progress;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules 6 and 7 of SubscribeService: phases and progress travel in the data's own queue. */
final class SubscribePhaseContractTest extends ContractTest {
  private static Stream<Arguments> setupsAndFormats() {
    return Stream.of(TransportSetup.values())
        .flatMap(
            setup ->
                Stream.of(Format.FORMAT_ROWS, Format.FORMAT_COLUMNS)
                    .map(format -> Arguments.of(setup, format)));
  }

  @EachSetup
  void contract10_emptyTopic_isCaughtUp(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        subscriber.everything(0), // 0 is a number like any other
        subscriber.everything(1).setStart(Start.newBuilder().setLatest(true)),
        subscriber.everything(2).clearStart());
    for (int id = 0; id <= 2; id++) {
      assertThat(subscriber.awaitStatus(id).getStartCursor()).isNotEmpty();
      subscriber.awaitPhase(id, Phase.PHASE_CAUGHT_UP);
    }
    TopicFiller.one(topic, 5);

    for (int id = 0; id <= 2; id++) {
      assertThat(TopicFiller.values(subscriber.awaitReadings(id, setup.partitions())))
          .containsOnly(5.0);
    }
  }

  @EachSetup
  void rule6_caughtUp_isSaid_evenWhenNothingMatches(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TopicFiller.partitions(topic, 3);
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder nobody = subscriber.everything(1);
    nobody.getSelectorBuilder().clearAll().addNames("nobody/home");
    subscriber.open(nobody);

    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    assertThat(subscriber.deliveries(1)).isEmpty();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("setupsAndFormats")
  void rule6_evictedTail_isFellBehind_thenCaughtUpAgain_withNothingLost(
      TransportSetup setup, Format format) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.TAIL_BYTES, 1));
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        subscriber.everything(1).setFormat(format).setCredit(Credit.newBuilder().setReadings(0)));
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    subscriber.responses().mark();
    List<Double> stored = TopicFiller.values(TopicFiller.partitions(topic, 10));
    subscriber.credit(1, Credit.newBuilder());
    List<Double> got = TopicFiller.values(subscriber.awaitReadings(1, stored.size()));

    subscriber.awaitPhase(1, Phase.PHASE_FELL_BEHIND);
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    assertThat(got).containsExactlyInAnyOrderElementsOf(stored);
    List<Phase> phases = phases(subscriber);
    for (int i = 0; i < phases.size(); i++) {
      assertThat(phases.get(i))
          .isEqualTo(i % 2 == 0 ? Phase.PHASE_CAUGHT_UP : Phase.PHASE_FELL_BEHIND);
    }
    assertThat(subscriber.responses().all()).noneMatch(SubscribeResponse::hasGap);
  }

  private static List<Phase> phases(RawSubscribeSession subscriber) {
    return subscriber.responses().all().stream()
        .filter(SubscribeResponse::hasPhase)
        .map(said -> said.getPhase().getPhase())
        .toList();
  }

  @EachSetup
  void rule6_caughtUp_comesBehindTheDataItIsAbout(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int total = TopicFiller.partitions(topic, 10).size();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1));
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);

    List<SubscribeResponse> all = subscriber.responses().all();
    int phase = 0;
    while (!all.get(phase).hasPhase()) {
      phase++;
    }
    assertThat(RawSubscribeSession.decode(all.subList(0, phase), 1)).hasSize(total);
    String cursor = all.get(phase).getPhase().getCursor();
    assertThat(topic.tail(topic.everything().setStart(StartPositions.after(cursor)).build()))
        .isEmpty();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("setupsAndFormats")
  void contract11_progress_neverPrecedesData(TransportSetup setup, Format format) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    int total = TopicFiller.partitions(topic, 12).size();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(withProgress(subscriber, total / 4).setFormat(format));
    for (int quarter = 2; quarter <= 4; quarter++) {
      subscriber.responses().mark();
      subscriber.responses().await("progress", SubscribeResponse::hasProgress);
      subscriber.creditReadings(1, quarter == 4 ? total : (long) total * quarter / 4);
    }
    subscriber.awaitReadings(1, total);
    subscriber.responses().mark();
    subscriber.responses().await("progress at the end", SubscribeResponse::hasProgress);

    checkEveryProgress(subscriber, total, setup);
  }

  @EachTransport
  void contract11_progress_isNotAheadOfData_whereTheClientDoesNotReadForAWhile(
      TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    int total = TopicFiller.partitions(topic, 40).size();
    RawSubscribeSession clock = topic.subscriber();
    clock.open(withProgress(clock, 0));
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(withProgress(subscriber, 0));
    for (int round = 1; round <= 4; round++) {
      subscriber.responses().pause();
      subscriber.creditReadings(1, (long) total * round / 4);
      subscriber.send(
          SubscribeRequest.newBuilder().setPing(Ping.newBuilder().setId(round)).build());
      for (int tick = 1; tick <= 2; tick++) {
        clock.responses().mark();
        clock.responses().await("a tick", SubscribeResponse::hasProgress);
      }
      subscriber.responses().resume();
      subscriber.awaitReadings(1, (long) total * round / 4);
    }
    checkEveryProgress(subscriber, total, setup);
  }

  private static Subscription.Builder withProgress(RawSubscribeSession subscriber, int readings) {
    Subscription.Builder subscription =
        subscriber.everything(1).setCredit(Credit.newBuilder().setReadings(readings));
    subscription.getProgressIntervalBuilder().setNanos(100_000_000);
    return subscription;
  }

  private static void checkEveryProgress(
      RawSubscribeSession subscriber, int total, TransportSetup setup) {
    List<SubscribeResponse> all = subscriber.responses().all();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).hasProgress()) {
        int delivered = RawSubscribeSession.decode(all.subList(0, i), 1).size();
        check(all.get(i).getProgress(), total - delivered, setup);
      }
    }
  }

  private static void check(Progress progress, long left, TransportSetup setup) {
    assertThat(progress.getLagReadings()).as("what is not delivered yet").isEqualTo(left);
    assertThat(progress.getPartitionsList())
        .extracting(PartitionProgress::getPartition)
        .hasSize(setup.partitions())
        .isSorted();
    assertThat(progress.getPartitionsList())
        .allMatch(partition -> partition.getNextOffset() <= partition.getHighOffset());
    if (left == 0) {
      assertThat(progress.getPartitionsList())
          .allMatch(partition -> partition.getNextOffset() == partition.getHighOffset());
    }
    assertThat(progress.getCursor()).isNotEmpty();
  }
}
