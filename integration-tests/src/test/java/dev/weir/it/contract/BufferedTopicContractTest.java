package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.FaultyFiles;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Ack;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.Durability;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import dev.weir.v1.Topic;
import java.util.List;

/** BUFFERED topics by their own rules. */
final class BufferedTopicContractTest extends ContractTest {
  private static final int MINUTE_MS = 60_000;

  /** Creates a topic that is synced in the background only when a test asks for it. */
  private TestTopic buffered(TransportSetup setup) {
    return server(setup, quick().with(Limit.BUFFERED_SYNC_MS, MINUTE_MS))
        .topic(
            Topic.newBuilder()
                .setName(newTopicName())
                .setPartitionCount(setup.partitions())
                .setDurability(Durability.DURABILITY_BUFFERED));
  }

  @EachSetup
  void acksSayBuffered_andComeBeforeTheSync(TransportSetup setup) {
    TestTopic topic = buffered(setup);
    int last = topic.lastPartition();
    String sensor = topic.sensor(last, 0);
    RawPublishSession publisher = topic.publisher();
    PublishOpened opened = publisher.open("p", 0);
    Ack first = publisher.store(last, 1, TestBatches.rows(sensor, 1));
    topic.server().files().set(FaultyFiles.Fault.HOLD_SYNC);

    Ack second = publisher.store(last, 2, TestBatches.rows(sensor, 2));
    PublishRequest unary =
        PublishRequest.newBuilder()
            .setTopic(topic.name())
            .setBatch(TestBatches.rows(sensor, 3))
            .build();

    assertThat(opened.getDurability()).isEqualTo(Durability.DURABILITY_BUFFERED);
    assertThat(first.getDurability()).isEqualTo(Durability.DURABILITY_BUFFERED);
    assertThat(second.getDurability()).isEqualTo(Durability.DURABILITY_BUFFERED);
    assertThat(topic.writer().publish(unary).getDurability())
        .isEqualTo(Durability.DURABILITY_BUFFERED);
    assertThat(topic.server().files().heldSyncs()).as("nobody waited for one").isZero();
    assertThat(topic.values(last)).containsExactly(1.0, 2.0, 3.0);
    topic.server().files().set(FaultyFiles.Fault.NONE);
  }

  @EachSetup
  void backgroundSync_comesByItself(TransportSetup setup) {
    TestTopic topic =
        server(setup, quick().with(Limit.BUFFERED_SYNC_MS, 10))
            .topic(
                Topic.newBuilder()
                    .setName(newTopicName())
                    .setDurability(Durability.DURABILITY_BUFFERED));
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    publisher.store(0, 1, TestBatches.rows(topic.sensor(0, 0), 1));
    topic.server().files().set(FaultyFiles.Fault.HOLD_SYNC);
    publisher.store(0, 2, TestBatches.rows(topic.sensor(0, 0), 2));
    topic.server().files().awaitHeldSync();
    topic.server().files().set(FaultyFiles.Fault.NONE);
    topic.server().stop(); // syncs what is left
    topic.server().losePower();
    topic.server().startAgain();

    assertThat(topic.values(0)).containsExactly(1.0, 2.0);
  }

  @EachSetup
  void rule1_lostPageCache_openedShowsThePrefix_andItsNumbersAreUsedAgain(TransportSetup setup) {
    TestTopic topic = buffered(setup);
    int last = topic.lastPartition();
    String sensor = topic.sensor(last, 0);
    RawPublishSession publisher = topic.publisher();
    long epoch = publisher.open("p", 0).getEpoch();
    publisher.store(last, 1, TestBatches.rows(sensor, 1)); // defines the sensor, so it is synced
    publisher.store(last, 2, TestBatches.rows(sensor, 2, 3));
    publisher.store(last, 3, TestBatches.rows(sensor, 4));
    topic.server().losePower();
    topic.server().startAgain();

    RawPublishSession again = topic.publisher();
    PublishOpened opened = again.open("p", epoch);

    assertThat(opened.getLastSequences(last).getLastSequence()).isEqualTo(1);
    assertThat(topic.values(last)).containsExactly(1.0);
    assertThat(again.store(last, 2, TestBatches.rows(sensor, 5)).getDuplicates()).isZero();
    assertThat(topic.values(last)).containsExactly(1.0, 5.0);
  }

  @EachSetup
  void rule4_cursorsBehindTheLostTail_getAGapUnsyncedLost_committedOnesToo(TransportSetup setup) {
    TestTopic topic = buffered(setup);
    int last = topic.lastPartition();
    String sensor = topic.sensor(last, 0);
    RawPublishSession publisher = topic.publisher();
    long epoch = publisher.open("p", 0).getEpoch();
    publisher.store(last, 1, TestBatches.rows(sensor, 1));
    publisher.store(last, 2, TestBatches.rows(sensor, 2, 3));
    publisher.store(last, 3, TestBatches.rows(sensor, 4));
    List<DeliveredReading> seen = topic.stored();
    String cursor = seen.get(seen.size() - 1).cursor();
    commit(topic, cursor);
    topic.server().losePower();
    topic.server().startAgain();

    assertThat(lag(topic)).as("nothing is behind what is left").isZero();
    RawPublishSession again = topic.publisher();
    again.open("p", epoch);
    again.store(last, 2, TestBatches.rows(sensor, 5));
    for (Start start :
        List.of(StartPositions.after(cursor), Start.newBuilder().setCommitted(true).build())) {
      RawSubscribeSession subscriber = topic.subscriber();
      Subscription.Builder all = subscriber.everything(1).setStart(start).setName("report");
      all.getUntilBuilder().setNow(true);
      subscriber.open(all);
      subscriber.awaitEnd(1);
      assertThat(subscriber.gaps(1))
          .singleElement()
          .satisfies(gap -> requireLost(gap, last, cursor));
      assertThat(TopicFiller.values(subscriber.readings(1))).containsExactly(5.0);
      subscriber.halfClose();
      subscriber.awaitEnd();
    }
    List<DeliveredReading> now = topic.stored();
    String newest = now.get(now.size() - 1).cursor();
    assertThat(now.stream().map(DeliveredReading::cursor))
        .as("no cursor means two things")
        .doesNotContainAnyElementsOf(
            seen.subList(1, seen.size()).stream().map(DeliveredReading::cursor).toList());
    assertThat(commit(topic, newest)).as("forward").isEqualTo(newest);
    assertThat(commit(topic, cursor)).as("not back to what is lost").isEqualTo(newest);
  }

  private static void requireLost(Gap gap, int partition, String from) {
    assertThat(gap.getReason()).isEqualTo(GapReason.GAP_REASON_UNSYNCED_LOST);
    assertThat(gap.getReadings()).isEqualTo(3);
    assertThat(gap.getUpperBound()).isFalse();
    assertThat(gap.getPartition()).isEqualTo(partition);
    assertThat(gap.getFromCursor()).isEqualTo(from);
  }

  private static String commit(TestTopic topic, String cursor) {
    return topic
        .reader()
        .commitCursor(
            CommitCursorRequest.newBuilder()
                .setTopic(topic.name())
                .setName("report")
                .setCursor(cursor)
                .build())
        .getCursor();
  }

  private static long lag(TestTopic topic) {
    return topic
        .reader()
        .getCursors(GetCursorsRequest.newBuilder().setTopic(topic.name()).setName("report").build())
        .getCursors(0)
        .getLagReadings();
  }

  @EachSetup
  void fence_outlivesALostPageCache(TransportSetup setup) {
    TestTopic topic = buffered(setup);
    topic.publisher().open("p", 0);
    long epoch = topic.publisher().open("p", 0).getEpoch();
    topic.server().losePower();
    topic.server().startAgain();

    RawPublishSession zombie = topic.publisher().sendOpen("p", epoch - 1);
    assertThat(zombie.awaitEnd().reason()).isEqualTo("PRODUCER_FENCED");
    assertThat(topic.publisher().open("p", 0).getEpoch()).isEqualTo(epoch + 1);
  }
}
