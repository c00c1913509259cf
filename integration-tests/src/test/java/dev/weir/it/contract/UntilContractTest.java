package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.Phase;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionEnd;
import java.util.List;

/** Ends by `until`: now, count, and both. */
final class UntilContractTest extends ContractTest {
  private static final List<Format> FORMATS = List.of(Format.FORMAT_ROWS, Format.FORMAT_COLUMNS);

  @EachSetup
  void now_endsAtWhatWasStoredWhenItBegan(TransportSetup setup) {
    TestTopic topic = topic(setup);
    List<DeliveredReading> all = TopicFiller.partitions(topic, 6);
    RawSubscribeSession subscriber = topic.subscriber().open();
    for (Format format : FORMATS) {
      int id = format.getNumber();
      Subscription.Builder now = subscriber.everything(id).setFormat(format);
      now.getUntilBuilder().setNow(true);
      now.getCreditBuilder().setReadings(0);
      subscriber.add(now);
    }
    TopicFiller.one(topic, 9_999);
    for (Format format : FORMATS) {
      int id = format.getNumber();
      subscriber.creditReadings(id, Long.MAX_VALUE);
      SubscriptionEnd end = subscriber.awaitEnd(id);
      assertThat(end.getReason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
      assertThat(end.hasProblem()).isFalse();
      assertThat(TopicFiller.values(subscriber.readings(id)))
          .containsExactlyInAnyOrderElementsOf(TopicFiller.values(all));
      assertThat(
              topic.tail(
                  topic.everything().setStart(StartPositions.after(end.getCursor())).build()))
          .as("goes on at what came later")
          .hasSize(setup.partitions());
    }
  }

  @EachSetup
  void now_onAnEmptyTopicOrAtTheEnd_endsAtOnce(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber().open();
    Subscription.Builder now = subscriber.everything(1);
    now.getUntilBuilder().setNow(true);
    subscriber.add(now);
    assertThat(subscriber.awaitEnd(1).getReason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
    TopicFiller.one(topic, 1);
    subscriber.responses().mark();
    subscriber.add(now.setStart(Start.newBuilder().setLatest(true)));
    assertThat(subscriber.awaitEnd(1).getReason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
    assertThat(subscriber.deliveries(1)).isEmpty();
  }

  @EachSetup
  void count_isExact_inTheMiddleOfABatchToo(TransportSetup setup) {
    TestTopic topic = topic(setup);
    List<DeliveredReading> all = TopicFiller.partitions(topic, 4);
    RawSubscribeSession subscriber = topic.subscriber().open();
    int id = 0;
    for (Format format : FORMATS) {
      for (int count = 1; count <= 10; count++) {
        Subscription.Builder some = subscriber.everything(++id).setFormat(format);
        some.getUntilBuilder().setCount(count);
        subscriber.add(some);
        SubscriptionEnd end = subscriber.awaitEnd(id);
        assertThat(end.getReason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
        assertThat(subscriber.readings(id)).as("%s %s", format, count).hasSize(count);
        List<DeliveredReading> rest =
            topic.tail(topic.everything().setStart(StartPositions.after(end.getCursor())).build());
        assertThat(rest).hasSize(all.size() - count);
      }
    }
  }

  @EachSetup
  void count_waitsForReadingsThatComeLater(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder some = subscriber.everything(1);
    some.getUntilBuilder().setCount(2L * setup.partitions());
    subscriber.open(some);
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    TopicFiller.one(topic, 1);
    subscriber.awaitReadings(1, setup.partitions());
    TopicFiller.one(topic, 2);

    subscriber.awaitEnd(1);
    assertThat(subscriber.readings(1)).hasSize(2 * setup.partitions());
  }

  @EachSetup
  void both_theFirstConditionMetCounts(TransportSetup setup) {
    TestTopic topic = topic(setup);
    List<DeliveredReading> all = TopicFiller.partitions(topic, 3);
    RawSubscribeSession subscriber = topic.subscriber().open();
    Subscription.Builder few = subscriber.everything(1);
    few.getUntilBuilder().setNow(true).setCount(2);
    Subscription.Builder many = subscriber.everything(2);
    many.getUntilBuilder().setNow(true).setCount(1_000_000);
    subscriber.add(few);
    subscriber.awaitEnd(1);
    subscriber.add(many);
    subscriber.awaitEnd(2);

    assertThat(subscriber.readings(1)).hasSize(2);
    assertThat(subscriber.readings(2)).hasSameSizeAs(all);
  }
}
