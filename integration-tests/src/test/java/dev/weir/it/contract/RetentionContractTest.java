package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DataFileDamage;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.v1.Batch;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.Credit;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Phase;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.Retention;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import dev.weir.v1.Topic;
import dev.weir.v1.UpdateTopicRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Contract test 13: readings that retention deleted, for every `on_expired`; UpdateTopic. */
final class RetentionContractTest extends ContractTest {
  private static final int MIB = 1 << 20;
  private static final int BLOB_BYTES = MIB / 4;
  private static final int BATCHES_MAX = 60;

  private static Limits small() {
    return quick()
        .with(Limit.SEGMENT_BYTES, MIB)
        .with(Limit.CHECKPOINT_INTERVAL_BYTES, MIB)
        .with(Limit.RETENTION_CHECK_MS, 100)
        .with(Limit.TAIL_BYTES, 1);
  }

  private TestTopic topic(TransportSetup setup, Retention retention) {
    return server(setup, small())
        .topic(
            Topic.newBuilder()
                .setName(newTopicName())
                .setPartitionCount(setup.partitions())
                .setRetention(retention));
  }

  /** Two readings: a blob that fills the log, and a small number. */
  private static Batch large(TestTopic topic, int number) {
    int partition = topic.lastPartition();
    return Batch.newBuilder()
        .addRows(
            Reading.newBuilder()
                .setSensor(topic.sensor(partition, 1))
                .setBlob(ByteString.copyFrom(new byte[BLOB_BYTES])))
        .addRows(TestBatches.row(topic.sensor(partition, 0), number))
        .build();
  }

  /** Publishes until the log no longer goes back to a cursor; the batches stored. */
  private static int overtake(
      TestTopic topic, RawPublishSession publisher, int stored, String cursor) {
    int batches = stored;
    while (goesBackTo(topic, cursor) && batches < BATCHES_MAX) {
      batches++;
      publisher.store(topic.lastPartition(), batches, large(topic, batches));
    }
    await().atMost(Duration.ofSeconds(15)).until(() -> !goesBackTo(topic, cursor));
    return batches;
  }

  private static boolean goesBackTo(TestTopic topic, String cursor) {
    TailRequest.Builder request =
        topic.everything().setStart(StartPositions.after(cursor)).setLimit(1);
    request.getSelectorBuilder().addNames("nobody");
    try {
      topic.reader().tail(request.build()).forEachRemaining(said -> {});
      return true;
    } catch (StatusRuntimeException expired) {
      assertThat(CallFailure.of(expired).reason()).isEqualTo("CURSOR_EXPIRED");
      return false;
    }
  }

  private static String firstCursor(TestTopic topic) {
    return numbers(topic, StartPositions.earliest()).get(0).cursor();
  }

  /** Returns the small numbers after a start. */
  private static List<DeliveredReading> numbers(TestTopic topic, Start start) {
    TailRequest.Builder request = topic.everything().setStart(start);
    request.getSelectorBuilder().addNames(topic.sensor(topic.lastPartition(), 0));
    return topic.tail(request.build());
  }

  @EachSetup
  void contract13_expiredByRetention_everyPolicyHasItsAnswer(TransportSetup setup) {
    TestTopic topic = topic(setup, Retention.newBuilder().setMaxBytes(2 * MIB).build());
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(topic.lastPartition(), 1, large(topic, 1));
    String cursor = firstCursor(topic);
    int batches = overtake(topic, publisher, 1, cursor);

    CallFailure fail =
        CallFailure.by(
            () -> topic.tail(topic.everything().setStart(StartPositions.after(cursor)).build()));
    assertThat(fail.reason()).isEqualTo("CURSOR_EXPIRED");
    long lost = Long.parseLong(fail.metadata().get("lost_readings"));
    List<DeliveredReading> left =
        numbers(topic, StartPositions.after(fail.metadata().get("earliest_cursor")));
    assertThat(2 + lost + 2L * left.size()).as("seen, lost, left").isEqualTo(2L * batches);
    assertThat(left.get(left.size() - 1).value()).isEqualTo(batches);

    startAtEarliest(topic, cursor, lost, left);
    startAtLatest(topic, cursor, 2L * batches - 2);
    tailAndRead(topic, cursor, lost, left);
    assertThat(numbers(topic, StartPositions.earliest()))
        .as("earliest is no expired start")
        .isEqualTo(left);
  }

  private static Subscription.Builder expired(
      TestTopic topic, RawSubscribeSession subscriber, String cursor, OnExpired policy) {
    Subscription.Builder asked =
        subscriber.everything(1).setStart(StartPositions.after(cursor)).setOnExpired(policy);
    asked.getSelectorBuilder().clearAll().addNames(topic.sensor(topic.lastPartition(), 0));
    asked.getUntilBuilder().setNow(true);
    return asked;
  }

  private static void startAtEarliest(
      TestTopic topic, String cursor, long lost, List<DeliveredReading> left) {
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(expired(topic, subscriber, cursor, OnExpired.ON_EXPIRED_EARLIEST));
    subscriber.awaitEnd(1);
    Gap gap = onlyGap(subscriber);
    assertThat(gap.getReadings()).isEqualTo(lost);
    assertThat(gap.getUpperBound()).as("a selector may have skipped some").isTrue();
    assertThat(gap.getFromCursor()).isEqualTo(cursor);
    assertThat(gap.getPartition()).isEqualTo(topic.lastPartition());
    assertThat(subscriber.readings(1)).isEqualTo(left);
    assertThat(numbers(topic, StartPositions.after(gap.getToCursor()))).isEqualTo(left);
  }

  private static void startAtLatest(TestTopic topic, String cursor, long everything) {
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(expired(topic, subscriber, cursor, OnExpired.ON_EXPIRED_LATEST));
    subscriber.awaitEnd(1);
    Gap gap = onlyGap(subscriber);
    assertThat(gap.getReadings()).isEqualTo(everything);
    assertThat(subscriber.readings(1)).isEmpty();
    assertThat(numbers(topic, StartPositions.after(gap.getToCursor()))).isEmpty();
  }

  private static Gap onlyGap(RawSubscribeSession subscriber) {
    assertThat(subscriber.gaps(1)).hasSize(1);
    Gap gap = subscriber.gaps(1).get(0);
    assertThat(gap.getReason()).isEqualTo(GapReason.GAP_REASON_CURSOR_EXPIRED);
    int index = 0;
    List<SubscribeResponse> all = subscriber.responses().all();
    while (!all.get(index).hasGap()) {
      assertThat(all.get(index).hasDelivery()).as("the gap comes first").isFalse();
      index++;
    }
    return gap;
  }

  private static void tailAndRead(
      TestTopic topic, String cursor, long lost, List<DeliveredReading> left) {
    TailRequest.Builder tail =
        topic
            .everything()
            .setStart(StartPositions.after(cursor))
            .setOnExpired(OnExpired.ON_EXPIRED_EARLIEST);
    tail.getSelectorBuilder().addNames(topic.sensor(topic.lastPartition(), 0));
    assertThat(topic.tail(tail.build())).isEqualTo(left);
    ReadResponse page =
        topic
            .reader()
            .read(
                ReadRequest.newBuilder()
                    .setTopic(topic.name())
                    .setSelector(tail.getSelector())
                    .setStart(StartPositions.after(cursor))
                    .setOnExpired(OnExpired.ON_EXPIRED_EARLIEST)
                    .build());
    assertThat(page.getGapsList()).extracting(Gap::getReadings).containsExactly(lost);
    assertThat(page.getReadingsList())
        .extracting(Reading::getDouble)
        .isEqualTo(TopicFiller.values(left));
  }

  @EachSetup
  void rule8_subscriberOvertakenByRetention_getsAGap_andGoesOn(TransportSetup setup) {
    TestTopic topic = topic(setup, Retention.newBuilder().setMaxBytes(2 * MIB).build());
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(topic.lastPartition(), 1, large(topic, 1));
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        subscriber.everything(1).setCredit(Credit.newBuilder().setReadings(0))); // waits at 0
    subscriber.awaitStatus(1);
    int batches = overtake(topic, publisher, 1, firstCursor(topic));
    subscriber.credit(1, Credit.newBuilder());
    Gap gap = subscriber.awaitGap(1, GapReason.GAP_REASON_RETENTION);

    assertThat(gap.getUpperBound()).isFalse();
    List<SubscribeResponse> got = awaitLast(subscriber, batches);
    long received = got.stream().mapToLong(said -> said.getDelivery().getChargedReadings()).sum();
    long missing = subscriber.gaps(1).stream().mapToLong(Gap::getReadings).sum();
    assertThat(received + missing).isEqualTo(2L * batches);
    publisher.store(topic.lastPartition(), batches + 1, large(topic, batches + 1));
    awaitLast(subscriber, batches + 1);
  }

  private static List<SubscribeResponse> awaitLast(RawSubscribeSession subscriber, int number) {
    subscriber
        .responses()
        .await(
            "number " + number,
            said ->
                said.getDelivery().getReadingsList().stream()
                    .anyMatch(row -> row.getDouble() == number));
    subscriber.ping(number);
    return subscriber.responses().all();
  }

  @EachSetup
  void updateTopic_retentionTakesEffect_atOnce(TransportSetup setup) {
    TestTopic topic = topic(setup, Retention.getDefaultInstance());
    RawPublishSession publisher = topic.publisher().opened();
    for (int batch = 1; batch <= 24; batch++) {
      publisher.store(topic.lastPartition(), batch, large(topic, batch));
    }
    String cursor = firstCursor(topic);
    assertThat(goesBackTo(topic, cursor)).isTrue();
    Topic updated =
        topic
            .server()
            .catalog()
            .updateTopic(
                UpdateTopicRequest.newBuilder()
                    .setTopic(
                        Topic.newBuilder()
                            .setName(topic.name())
                            .setRetention(Retention.newBuilder().setMaxBytes(MIB)))
                    .setUpdateMask(FieldMask.newBuilder().addPaths("retention.max_bytes"))
                    .build())
            .getTopic();

    assertThat(updated.getRetention().getMaxBytes()).isEqualTo(MIB);
    assertThat(updated.hasUpdateTime()).isTrue();
    await().atMost(Duration.ofSeconds(15)).until(() -> !goesBackTo(topic, cursor));
    List<DeliveredReading> left = numbers(topic, StartPositions.earliest());
    topic.server().stop();
    topic.server().startAgain();
    assertThat(numbers(topic, StartPositions.earliest()).size()).isLessThanOrEqualTo(left.size());
    assertThat(publishedLast(topic)).isEqualTo(24);
  }

  private static double publishedLast(TestTopic topic) {
    List<DeliveredReading> left = numbers(topic, StartPositions.earliest());
    return left.get(left.size() - 1).value();
  }

  @EachSetup
  void retentionByAge_deletesOldSegments(TransportSetup setup) {
    TestTopic topic =
        topic(
            setup,
            Retention.newBuilder()
                .setMaxAge(com.google.protobuf.Duration.newBuilder().setSeconds(1))
                .build());
    RawPublishSession publisher = topic.publisher().opened();
    for (int batch = 1; batch <= 16; batch++) {
      publisher.store(topic.lastPartition(), batch, large(topic, batch));
    }
    String cursor = firstCursor(topic);
    await().atMost(Duration.ofSeconds(15)).until(() -> !goesBackTo(topic, cursor));
    publisher.store(topic.lastPartition(), 17, large(topic, 17));

    assertThat(publishedLast(topic)).isEqualTo(17);
  }

  @EachSetup
  void contract13_committedCursorThatExpired_isAnExpiredStartToo(TransportSetup setup) {
    TestTopic topic = topic(setup, Retention.newBuilder().setMaxBytes(2 * MIB).build());
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(topic.lastPartition(), 1, large(topic, 1));
    String cursor = firstCursor(topic);
    topic
        .reader()
        .commitCursor(
            CommitCursorRequest.newBuilder()
                .setTopic(topic.name())
                .setName("d")
                .setCursor(cursor)
                .build());
    int batches = overtake(topic, publisher, 1, cursor);
    RawSubscribeSession subscriber = topic.subscriber().open();
    Subscription.Builder fail =
        expired(topic, subscriber, cursor, OnExpired.ON_EXPIRED_FAIL)
            .setName("d")
            .setStart(Start.newBuilder().setCommitted(true));
    assertThat(subscriber.add(fail).getProblem().getReason()).isEqualTo("CURSOR_EXPIRED");

    subscriber.responses().mark();
    subscriber.add(fail.setOnExpired(OnExpired.ON_EXPIRED_EARLIEST));
    subscriber.awaitEnd(1);
    assertThat(onlyGap(subscriber).getFromCursor()).isEqualTo(cursor);
    List<DeliveredReading> got = subscriber.readings(1);
    assertThat(got.get(got.size() - 1).value()).isEqualTo(batches);
    String done = got.get(got.size() - 1).cursor();
    assertThat(
            topic
                .reader()
                .commitCursor(
                    CommitCursorRequest.newBuilder()
                        .setTopic(topic.name())
                        .setName("d")
                        .setCursor(done)
                        .build())
                .getCursor())
        .isEqualTo(done);
  }

  @EachSetup
  void lastValueWhoseOnlyRecordRetentionDeleted_staysInLatestAndSnapshots(TransportSetup setup) {
    TestTopic topic = topic(setup, Retention.newBuilder().setMaxBytes(2 * MIB).build());
    int partition = topic.lastPartition();
    String early = topic.sensor(partition, 7);
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(partition, 1, TestBatches.rows(early, 42));
    overtake(topic, publisher, 1, topic.stored().get(0).cursor());
    requireLast(topic, early, 42);

    topic.server().kill();
    topic.server().startAgain();
    requireLast(topic, early, 42);
    topic.server().stop();
    topic.server().startAgain();
    requireLast(topic, early, 42);
  }

  /** A sensor without a reading in the log still has its last value. */
  private static void requireLast(TestTopic topic, String sensor, double value) {
    Selector selector = Selector.newBuilder().addNames(sensor).build();
    TailRequest.Builder tail = topic.everything().setSelector(selector);
    assertThat(topic.tail(tail.build())).as("in the log").isEmpty();
    assertThat(
            topic
                .reader()
                .getLatest(
                    GetLatestRequest.newBuilder()
                        .setTopic(topic.name())
                        .setSelector(selector)
                        .build())
                .getReadingsList())
        .extracting(Reading::getDouble)
        .containsExactly(value);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1).clearStart().setSelector(selector).setSnapshot(true));
    subscriber.awaitPhase(1, Phase.PHASE_SNAPSHOT_END);
    assertThat(TopicFiller.values(subscriber.readings(1))).containsExactly(value);
    subscriber.cancel();
  }

  @EachSetup
  void topicWithoutOwnRetention_shrinksAtTheDefaultCap(TransportSetup setup) throws IOException {
    int cap = 2 * MIB;
    TestTopic topic =
        server(setup, small().with(Limit.RETENTION_BYTES, cap))
            .topic(newTopicName(), setup.partitions());
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(topic.lastPartition(), 1, large(topic, 1));
    String cursor = firstCursor(topic);
    int batches = overtake(topic, publisher, 1, cursor);

    assertThat(batches).as("not before the cap").isGreaterThanOrEqualTo(cap / BLOB_BYTES);
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(() -> assertThat(logBytes(topic)).isLessThanOrEqualTo(cap + MIB));
    assertThat(publishedLast(topic)).isEqualTo(batches);
  }

  private static long logBytes(TestTopic topic) throws IOException {
    long bytes = 0;
    for (Path segment : DataFileDamage.segments(topic.server().dataDir(), topic.lastPartition())) {
      bytes += Files.exists(segment) ? Files.size(segment) : 0;
    }
    return bytes;
  }
}
