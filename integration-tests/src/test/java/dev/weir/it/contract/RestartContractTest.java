package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.v1.Ack;
import dev.weir.v1.Batch;
import dev.weir.v1.Durability;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.OnExpired;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.Retention;
import dev.weir.v1.Subscription;
import dev.weir.v1.Topic;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Contract tests 1, 2, 3, 12 and 13 across restarts: clean ones and kills, at each level that
 * survives them.
 */
final class RestartContractTest extends ContractTest {
  private static final int MIB = 1 << 20;
  private static final int BATCHES = 5;

  private record Restart(TransportSetup setup, Durability durability, boolean killed) {
    void of(TestTopic topic) {
      if (killed) {
        topic.server().kill();
      } else {
        topic.server().stop();
      }
      topic.server().startAgain();
    }

    @Override
    public String toString() {
      return setup + ", " + durability + (killed ? ", killed" : ", stopped");
    }
  }

  static Stream<Restart> restarts() {
    return Stream.of(TransportSetup.IN_PROCESS_3, TransportSetup.NETTY_1)
        .flatMap(RestartContractTest::levels);
  }

  static Stream<Restart> restartsOfOne() {
    return levels(TransportSetup.IN_PROCESS_1);
  }

  private static Stream<Restart> levels(TransportSetup setup) {
    return Stream.of(Durability.DURABILITY_SYNCED, Durability.DURABILITY_BUFFERED)
        .flatMap(level -> Stream.of(false, true).map(kill -> new Restart(setup, level, kill)));
  }

  private TestTopic topic(Restart restart, Limits limits, Retention retention) {
    return server(restart.setup(), limits.with(Limit.BUFFERED_SYNC_MS, 60_000))
        .topic(
            Topic.newBuilder()
                .setName(newTopicName())
                .setPartitionCount(restart.setup().partitions())
                .setDurability(restart.durability())
                .setRetention(retention));
  }

  private TestTopic topic(Restart restart) {
    return topic(restart, quick(), Retention.getDefaultInstance());
  }

  private static void store(TestTopic topic, RawPublishSession publisher, int from, int to) {
    int last = topic.lastPartition();
    for (int i = from; i <= to; i++) {
      publisher.store(last, i, TestBatches.rows(topic.sensor(last, 0), i));
    }
  }

  private static List<Double> upTo(int last) {
    return IntStream.rangeClosed(1, last).mapToObj(i -> (double) i).toList();
  }

  @ParameterizedTest
  @MethodSource("restarts")
  void contract01_batchesStoredBefore_areDuplicates_andTheNextIsNew(Restart restart) {
    TestTopic topic = topic(restart);
    int last = topic.lastPartition();
    RawPublishSession publisher = topic.publisher();
    long epoch = publisher.open("p", 0).getEpoch();
    store(topic, publisher, 1, BATCHES);
    for (int round = 0; round < 2; round++) {
      restart.of(topic);
      RawPublishSession again = topic.publisher();
      PublishOpened opened = again.open("p", epoch);
      assertThat(opened.getLastSequences(last).getLastSequence()).isEqualTo(BATCHES + round);
      Ack ack = again.store(last, BATCHES, TestBatches.rows(topic.sensor(last, 0), BATCHES));
      assertThat(ack.getDuplicates()).isPositive();
      assertThat(ack.getDurability()).isEqualTo(restart.durability());
      store(topic, again, BATCHES + round + 1, BATCHES + round + 1);
      assertThat(topic.values(last)).isEqualTo(upTo(BATCHES + round + 1));
    }
  }

  @ParameterizedTest
  @MethodSource("restarts")
  void contract02_epochFencedBefore_staysFenced(Restart restart) {
    TestTopic topic = topic(restart);
    topic.publisher().open("p", 0);
    long epoch = topic.publisher().open("p", 0).getEpoch();
    restart.of(topic);

    CallFailure zombie = topic.publisher().sendOpen("p", epoch - 1).awaitEnd();
    assertThat(zombie.reason()).isEqualTo("PRODUCER_FENCED");
    assertThat(zombie.metadata()).containsEntry("epoch", Long.toString(epoch));
    PublishRequest unary =
        PublishRequest.newBuilder()
            .setTopic(topic.name())
            .setProducer("p")
            .setEpoch(epoch - 1)
            .setSequence(1)
            .setBatch(TestBatches.rows("s", 1))
            .build();
    assertThat(CallFailure.by(() -> topic.writer().publish(unary)).reason())
        .isEqualTo("PRODUCER_FENCED");
    RawPublishSession owner = topic.publisher();
    assertThat(owner.open("p", epoch).getEpoch()).as("who had it goes on").isEqualTo(epoch);
    assertThat(topic.publisher().open("p", 0).getEpoch()).isEqualTo(epoch + 1);
    assertThat(owner.awaitEnd().reason()).isEqualTo("PRODUCER_FENCED");
  }

  @ParameterizedTest
  @MethodSource("restarts")
  void contract03_everythingInAPipeline_isStoredOnce_whateverOfItWasAcked(Restart restart) {
    TestTopic topic = topic(restart);
    int last = topic.lastPartition();
    RawPublishSession publisher = topic.publisher();
    long epoch = publisher.open("p", 0).getEpoch();
    for (int i = 1; i <= 50; i++) {
      publisher.send(last, i, TestBatches.rows(topic.sensor(last, 0), i));
    }
    publisher.awaitAck(last, 10);
    restart.of(topic);
    long acked = publisher.acked(last);

    RawPublishSession again = topic.publisher();
    long stored = again.open("p", epoch).getLastSequences(last).getLastSequence();
    assertThat(stored).isBetween(acked, 50L);
    assertThat(topic.values(last)).isEqualTo(upTo((int) stored));
    for (int i = 1; i <= 50; i++) {
      again.send(last, i, TestBatches.rows(topic.sensor(last, 0), i));
    }
    again.awaitAck(last, 50);
    assertThat(topic.values(last)).isEqualTo(upTo(50));
  }

  @ParameterizedTest
  @MethodSource("restarts")
  void contract12_resumeBehindEveryReading_isExactlyTheNext(Restart restart) {
    TestTopic topic = topic(restart);
    int last = topic.lastPartition();
    RawPublishSession publisher = topic.publisher();
    long epoch = publisher.open("p", 0).getEpoch();
    store(topic, publisher, 1, BATCHES);
    List<DeliveredReading> seen = topic.stored();
    restart.of(topic);
    RawPublishSession again = topic.publisher();
    again.open("p", epoch);
    store(topic, again, BATCHES + 1, BATCHES + 2);

    for (int i = 0; i < seen.size(); i++) {
      RawSubscribeSession subscriber = topic.subscriber();
      Subscription.Builder rest =
          subscriber.everything(1).setStart(StartPositions.after(seen.get(i).cursor()));
      rest.getUntilBuilder().setNow(true);
      subscriber.open(rest);
      subscriber.awaitEnd(1);
      assertThat(subscriber.gaps(1)).isEmpty();
      assertThat(TopicFiller.values(TopicFiller.of(subscriber.readings(1), last)))
          .isEqualTo(upTo(BATCHES + 2).subList(i + 1, BATCHES + 2));
      subscriber.halfClose();
      subscriber.awaitEnd();
    }
  }

  @ParameterizedTest
  @MethodSource("restartsOfOne")
  void contract13_cursorExpiredBefore_hasTheSameAnswers(Restart restart) {
    TestTopic topic =
        topic(
            restart,
            quick()
                .with(Limit.SEGMENT_BYTES, MIB)
                .with(Limit.CHECKPOINT_INTERVAL_BYTES, MIB)
                .with(Limit.RETENTION_CHECK_MS, 100)
                .with(Limit.TAIL_BYTES, 1),
            Retention.newBuilder().setMaxBytes(2 * MIB).build());
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(0, 1, TestBatches.rows(topic.sensor(0, 0), 1));
    String cursor = topic.stored().get(0).cursor();
    for (int i = 2; i <= 24; i++) {
      publisher.store(0, i, large(topic));
    }
    await().atMost(Duration.ofSeconds(15)).until(() -> isExpired(topic, cursor));
    restart.of(topic);

    CallFailure fail = expired(topic, cursor);
    long lost = Long.parseLong(fail.metadata().get("lost_readings"));
    List<DeliveredReading> left =
        topic.tail(
            topic
                .everything()
                .setStart(StartPositions.after(fail.metadata().get("earliest_cursor")))
                .build());
    assertThat(1 + lost + left.size()).as("seen, lost, left").isEqualTo(24);
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder earliest =
        subscriber
            .everything(1)
            .setStart(StartPositions.after(cursor))
            .setOnExpired(OnExpired.ON_EXPIRED_EARLIEST);
    earliest.getUntilBuilder().setNow(true);
    subscriber.open(earliest);
    subscriber.awaitEnd(1);
    Gap gap = subscriber.awaitGap(1, GapReason.GAP_REASON_CURSOR_EXPIRED);
    assertThat(gap.getReadings()).isEqualTo(lost);
    assertThat(subscriber.readings(1)).hasSameSizeAs(left);
  }

  private static boolean isExpired(TestTopic topic, String cursor) {
    try {
      return expired(topic, cursor).reason().equals("CURSOR_EXPIRED");
    } catch (AssertionError goesOn) {
      return false;
    }
  }

  private static CallFailure expired(TestTopic topic, String cursor) {
    return CallFailure.by(
        () ->
            topic.tail(
                topic.everything().setStart(StartPositions.after(cursor)).setLimit(1).build()));
  }

  private static Batch large(TestTopic topic) {
    return Batch.newBuilder()
        .addRows(
            Reading.newBuilder()
                .setSensor(topic.sensor(0, 1))
                .setBlob(ByteString.copyFrom(new byte[MIB / 4])))
        .build();
  }
}
