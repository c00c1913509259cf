package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.Batch;
import dev.weir.v1.Credit;
import dev.weir.v1.Durability;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.OnExpired;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.Retention;
import dev.weir.v1.Subscription;
import dev.weir.v1.Topic;
import java.util.List;

/** MEMORY topics by their own rules. */
final class MemoryTopicContractTest extends ContractTest {
  private static final int MIB = 1 << 20;

  private TestTopic memory(TransportSetup setup, long bytes) {
    return server(setup, quick())
        .topic(
            Topic.newBuilder()
                .setName(newTopicName())
                .setPartitionCount(setup.partitions())
                .setDurability(Durability.DURABILITY_MEMORY)
                .setRetention(Retention.newBuilder().setMaxBytes(bytes)));
  }

  @EachSetup
  void acksSayMemory_andReadingsAreDelivered(TransportSetup setup) {
    TestTopic topic = memory(setup, 0);
    RawPublishSession publisher = topic.publisher().opened();
    int last = topic.lastPartition();

    assertThat(
            publisher.store(last, 1, TestBatches.rows(topic.sensor(last, 0), 1, 2)).getDurability())
        .isEqualTo(Durability.DURABILITY_MEMORY);
    assertThat(
            topic
                .writer()
                .publish(
                    PublishRequest.newBuilder()
                        .setTopic(topic.name())
                        .setBatch(TestBatches.rows(topic.sensor(last, 0), 3))
                        .build())
                .getDurability())
        .isEqualTo(Durability.DURABILITY_MEMORY);
    assertThat(topic.values(last)).containsExactly(1.0, 2.0, 3.0);
    assertThat(
            topic
                .server()
                .catalog()
                .getTopic(GetTopicRequest.newBuilder().setName(topic.name()).build())
                .getTopic()
                .getDurability())
        .isEqualTo(Durability.DURABILITY_MEMORY);
  }

  @EachSetup
  void resumeBehindEveryReading_isExactlyTheNext(TransportSetup setup) {
    TestTopic topic = memory(setup, 0);
    List<DeliveredReading> all = TopicFiller.partitions(topic, 3);
    for (int i = 0; i < all.size(); i++) {
      List<DeliveredReading> rest =
          topic.tail(
              topic.everything().setStart(StartPositions.after(all.get(i).cursor())).build());
      for (int p = 0; p < setup.partitions(); p++) {
        assertThat(TopicFiller.values(TopicFiller.of(rest, p)))
            .isEqualTo(TopicFiller.values(TopicFiller.of(all.subList(i + 1, all.size()), p)));
      }
    }
  }

  @EachSetup
  void contract13_afterARestart_itIsEmpty_andItsCursorsAreExpired(TransportSetup setup) {
    TestTopic topic = memory(setup, 0);
    List<DeliveredReading> before = TopicFiller.partitions(topic, 2);
    String cursor = before.get(before.size() - 1).cursor();
    String early = before.get(0).cursor();
    topic.server().stop();
    topic.server().startAgain();

    assertThat(topic.stored()).isEmpty();
    for (String old : List.of(early, cursor)) {
      CallFailure refusal =
          CallFailure.by(
              () -> topic.tail(topic.everything().setStart(StartPositions.after(old)).build()));
      assertThat(refusal.reason()).isEqualTo("CURSOR_EXPIRED");
    }
    TopicFiller.one(topic, 9);
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder again =
        subscriber
            .everything(1)
            .setStart(StartPositions.after(cursor))
            .setOnExpired(OnExpired.ON_EXPIRED_EARLIEST);
    again.getUntilBuilder().setNow(true);
    subscriber.open(again);
    subscriber.awaitEnd(1);
    assertThat(subscriber.gaps(1))
        .isNotEmpty()
        .allMatch(gap -> gap.getReason() == GapReason.GAP_REASON_CURSOR_EXPIRED);
    assertThat(TopicFiller.values(subscriber.readings(1)))
        .hasSize(setup.partitions())
        .containsOnly(9.0);
    RawSubscribeSession latest = topic.subscriber();
    Subscription.Builder end =
        latest
            .everything(1)
            .setStart(StartPositions.after(cursor))
            .setOnExpired(OnExpired.ON_EXPIRED_LATEST);
    end.getUntilBuilder().setNow(true);
    latest.open(end);
    latest.awaitEnd(1);
    assertThat(latest.readings(1)).isEmpty();
  }

  @EachSetup
  void rule1_afterARestart_openedShowsThatNothingIsLeft(TransportSetup setup) {
    TestTopic topic = memory(setup, 0);
    int last = topic.lastPartition();
    RawPublishSession publisher = topic.publisher();
    long epoch = publisher.open("p", 0).getEpoch();
    publisher.store(last, 1, TestBatches.rows(topic.sensor(last, 0), 1));
    topic.server().stop();
    topic.server().startAgain();
    RawPublishSession again = topic.publisher();
    var opened = again.open("p", epoch);

    assertThat(opened.getLastSequencesList())
        .allMatch(partition -> partition.getLastSequence() == 0);
    again.store(last, 1, TestBatches.rows(topic.sensor(last, 0), 2));
    assertThat(topic.values(last)).containsExactly(2.0);
  }

  @EachSetup
  void rule8_overtakenSubscriber_getsAGapRetention_withTheExactCount(TransportSetup setup) {
    TestTopic topic = memory(setup, MIB);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1).setCredit(Credit.newBuilder().setReadings(0)));
    subscriber.awaitStatus(1);
    RawPublishSession publisher = topic.publisher().opened();
    int last = topic.lastPartition();
    int batches = 40;
    for (int i = 1; i <= batches; i++) {
      publisher.store(last, i, large(topic, i));
    }
    subscriber.credit(1, Credit.newBuilder());
    subscriber
        .responses()
        .await(
            "the last",
            said ->
                said.getDelivery().getReadingsList().stream()
                    .anyMatch(row -> row.getDouble() == batches));
    Gap gap = subscriber.awaitGap(1, GapReason.GAP_REASON_RETENTION);

    assertThat(subscriber.gaps(1)).hasSize(1);
    assertThat(gap.getUpperBound()).isFalse();
    long received =
        subscriber.deliveries(1).stream().mapToLong(one -> one.getChargedReadings()).sum();
    assertThat(received + gap.getReadings()).isEqualTo(2L * batches);
    assertThat(gap.getReadings()).isGreaterThan(batches);
    assertThat(
            CallFailure.by(
                    () ->
                        topic.tail(
                            topic
                                .everything()
                                .setStart(StartPositions.after(gap.getFromCursor()))
                                .build()))
                .reason())
        .isEqualTo("CURSOR_EXPIRED");
  }

  private static Batch large(TestTopic topic, int number) {
    int last = topic.lastPartition();
    return Batch.newBuilder()
        .addRows(
            Reading.newBuilder()
                .setSensor(topic.sensor(last, 1))
                .setBlob(ByteString.copyFrom(new byte[MIB / 8])))
        .addRows(TestBatches.row(topic.sensor(last, 0), number))
        .build();
  }
}
