package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.NumberedPublisher;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.Batch;
import dev.weir.v1.Delivery;
import dev.weir.v1.Format;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Contract test 8: `max_message_bytes` splits records, and what fits nowhere is a gap. */
final class MessageSizeContractTest extends ContractTest {
  private static final int MESSAGE_BYTES = 64 << 10;
  private static final int READINGS = 20_000;

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource({
    "IN_PROCESS_1,FORMAT_COLUMNS,true",
    "IN_PROCESS_3,FORMAT_ROWS,true",
    "IN_PROCESS_3,FORMAT_COLUMNS,false",
    "NETTY_1,FORMAT_ROWS,false",
    "NETTY_3,FORMAT_COLUMNS,true"
  })
  void contract08_recordsAreSplit_atEveryMessagesBound(
      TransportSetup setup, Format format, boolean all) {
    TestTopic topic = topic(setup);
    NumberedPublisher numbers = new NumberedPublisher(topic, 3).send(READINGS, READINGS).settle();
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder split =
        subscriber.everything(1).setFormat(format).setMaxMessageBytes(MESSAGE_BYTES);
    if (!all) {
      split.getSelectorBuilder().clearAll().addGlobs("line0/*").addGlobs("line2/*");
    }
    split.getUntilBuilder().setNow(true);
    subscriber.open(split);
    subscriber.awaitEnd(1);

    assertThat(subscriber.responses().all())
        .allMatch(said -> said.getSerializedSize() <= MESSAGE_BYTES)
        .noneMatch(SubscribeResponse::hasGap);
    List<Double> expected =
        LongStream.range(0, READINGS)
            .filter(number -> all || number % 3 != 1)
            .mapToObj(number -> (double) number)
            .toList();
    assertThat(subscriber.deliveries(1)).hasSizeGreaterThan(2 * setup.partitions());
    for (int p = 0; p < setup.partitions(); p++) {
      assertThat(TopicFiller.values(TopicFiller.of(subscriber.readings(1), p))).isEqualTo(expected);
    }
    assertThat(numbers.sentInAll()).isEqualTo((long) READINGS * setup.partitions());
    resumeInTheMiddle(topic, subscriber, split);
  }

  /** After every part of a record, the next part comes. */
  private static void resumeInTheMiddle(
      TestTopic topic, RawSubscribeSession whole, Subscription.Builder split) {
    List<Delivery> parts = whole.deliveries(1);
    List<DeliveredReading> all = whole.readings(1);
    int done = 0;
    for (int i = 0; i < parts.size(); i++) {
      done += (int) parts.get(i).getChargedReadings();
      if (i % 3 == 0) {
        RawSubscribeSession again = topic.subscriber();
        again.open(split.setStart(StartPositions.after(parts.get(i).getCursor())));
        again.awaitEnd(1);
        for (int p = 0; p < topic.partitions(); p++) {
          assertThat(TopicFiller.values(TopicFiller.of(again.readings(1), p)))
              .isEqualTo(TopicFiller.values(TopicFiller.of(all.subList(done, all.size()), p)));
        }
        again.halfClose();
      }
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource({
    "IN_PROCESS_1,FORMAT_COLUMNS,true",
    "IN_PROCESS_3,FORMAT_ROWS,true",
    "NETTY_1,FORMAT_ROWS,false",
    "NETTY_3,FORMAT_COLUMNS,false"
  })
  void contract08_oneReadingTooLarge_isExactlyOneGap(
      TransportSetup setup, Format format, boolean all) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    String large = topic.sensor(partition, 1);
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(partition, 1, amid(sensor, large, 1));
    publisher.store(partition, 2, TestBatches.rows(sensor, 3));
    publisher.store(partition, 3, Batch.newBuilder().addRows(blob(large)).build());
    publisher.store(partition, 4, TestBatches.rows(sensor, 4));
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder bounded =
        subscriber.everything(1).setFormat(format).setMaxMessageBytes(MESSAGE_BYTES);
    if (!all) {
      bounded.getSelectorBuilder().clearAll().addNames(sensor).addNames(large);
    }
    bounded.getUntilBuilder().setNow(true);
    subscriber.open(bounded);
    subscriber.awaitEnd(1);

    assertThat(TopicFiller.values(subscriber.readings(1))).containsExactly(1.0, 2.0, 3.0, 4.0);
    List<Gap> gaps = subscriber.gaps(1);
    assertThat(gaps).hasSize(2);
    for (Gap gap : gaps) {
      assertThat(gap.getReason()).isEqualTo(GapReason.GAP_REASON_TOO_LARGE);
      assertThat(gap.getReadings()).isEqualTo(1);
      assertThat(gap.getUpperBound()).isFalse();
      assertThat(gap.getPartition()).isEqualTo(partition);
    }
    assertThat(rest(topic, gaps.get(0).getToCursor())).endsWith(4.0).hasSizeBetween(3, 4);
    assertThat(rest(topic, gaps.get(1).getToCursor())).containsExactly(4.0);
    assertThat(rest(topic, gaps.get(1).getFromCursor())).as("the blob, and 4").hasSize(2);
    tailSaysTheSame(topic, format);
  }

  private static Batch amid(String sensor, String large, int first) {
    return Batch.newBuilder()
        .addRows(TestBatches.row(sensor, first))
        .addRows(blob(large))
        .addRows(TestBatches.row(sensor, first + 1))
        .build();
  }

  private static Reading.Builder blob(String sensor) {
    return Reading.newBuilder()
        .setSensor(sensor)
        .setBlob(ByteString.copyFrom(new byte[MESSAGE_BYTES]));
  }

  private static List<Double> rest(TestTopic topic, String cursor) {
    return TopicFiller.values(
        topic.tail(topic.everything().setStart(StartPositions.after(cursor)).build()));
  }

  private static void tailSaysTheSame(TestTopic topic, Format format) {
    TailRequest request =
        topic.everything().setFormat(format).setMaxMessageBytes(MESSAGE_BYTES).build();
    List<Gap> gaps = new ArrayList<>();
    topic
        .reader()
        .tail(request)
        .forEachRemaining(
            said -> {
              assertThat(said.getSerializedSize()).isLessThanOrEqualTo(MESSAGE_BYTES);
              if (said.hasGap()) {
                gaps.add(said.getGap());
              }
            });
    assertThat(gaps).hasSize(2).allMatch(gap -> gap.getReadings() == 1);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "IN_PROCESS_1,FORMAT_COLUMNS", "IN_PROCESS_3,FORMAT_ROWS",
    "NETTY_1,FORMAT_ROWS", "NETTY_3,FORMAT_COLUMNS"
  })
  void contract08_snapshotsAndTheirSensors_areSplitToo(TransportSetup setup, Format format) {
    int bytes = 16 << 10;
    int sensors = 2_000;
    TestTopic topic = topic(setup);
    new NumberedPublisher(topic, sensors).send(sensors, sensors).settle();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        subscriber
            .everything(1)
            .clearStart()
            .setSnapshot(true)
            .setFormat(format)
            .setMaxMessageBytes(bytes));
    subscriber.awaitPhase(1, Phase.PHASE_SNAPSHOT_END);

    assertThat(subscriber.readings(1)).hasSize(sensors * setup.partitions());
    assertThat(subscriber.responses().all())
        .allMatch(said -> said.getSerializedSize() <= bytes)
        .noneMatch(SubscribeResponse::hasGap);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({"IN_PROCESS_3,FORMAT_COLUMNS", "NETTY_1,FORMAT_ROWS"})
  void contract08_lastValueTooLarge_isAGapInTheSnapshot(TransportSetup setup, Format format) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(partition, 1, TestBatches.rows(topic.sensor(partition, 0), 1));
    for (int n = 1;
        n <= 2;
        n++) { // one fits into what is kept, but not into a message; one neither
      Reading.Builder blob =
          blob(topic.sensor(partition, n)).setBlob(ByteString.copyFrom(new byte[n * 40_000]));
      publisher.store(partition, 1 + n, Batch.newBuilder().addRows(blob).build());
    }
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        subscriber
            .everything(1)
            .clearStart()
            .setSnapshot(true)
            .setFormat(format)
            .setMaxMessageBytes(16 << 10));
    subscriber.awaitPhase(1, Phase.PHASE_SNAPSHOT_END);

    assertThat(TopicFiller.values(subscriber.readings(1))).containsExactly(1.0);
    assertThat(subscriber.gaps(1))
        .isNotEmpty()
        .allMatch(gap -> gap.getReason() == GapReason.GAP_REASON_TOO_LARGE)
        .allMatch(gap -> gap.getFromCursor().isEmpty() && gap.getToCursor().isEmpty())
        .allMatch(gap -> gap.getPartition() == partition);
    assertThat(subscriber.gaps(1).stream().mapToLong(Gap::getReadings).sum()).isEqualTo(2);
    assertThat(subscriber.responses().all()).allMatch(said -> said.getSerializedSize() <= 16 << 10);
  }
}
