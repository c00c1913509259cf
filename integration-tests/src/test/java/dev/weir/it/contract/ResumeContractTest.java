package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.weir.common.file.NioDataFiles;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.v1.Delivery;
import dev.weir.v1.Format;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Rules 2 and 3 of SubscribeService: order per partition, and resuming at every cursor. */
final class ResumeContractTest extends ContractTest {
  private static final int BATCHES = 6;

  private TestTopic filled(TransportSetup setup) {
    return filled(setup, BATCHES);
  }

  private TestTopic filled(TransportSetup setup, int batches) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    TopicFiller.partitions(topic, batches);
    return topic;
  }

  private static List<Selector> selectors(TestTopic topic) {
    Selector.Builder names = Selector.newBuilder();
    for (int p = 0; p < topic.partitions(); p++) {
      names.addNames(topic.sensor(p, 1));
    }
    return List.of(Selector.newBuilder().setAll(true).build(), names.build());
  }

  private static TailRequest.Builder request(TestTopic topic, Selector selector, Format format) {
    return topic.everything().setSelector(selector).setFormat(format);
  }

  @EachSetup
  void contract12_resumeBehindEveryReading_isExactlyTheNext(TransportSetup setup) {
    TestTopic topic = filled(setup);
    for (Selector selector : selectors(topic)) {
      List<DeliveredReading> all = topic.tail(request(topic, selector, Format.FORMAT_ROWS).build());
      assertThat(all).hasSize(BATCHES * (selector.getAll() ? 4 : 2) * setup.partitions());
      for (int i = 0; i < all.size(); i++) {
        Start after = StartPositions.after(all.get(i).cursor());
        Format format = i % 2 == 0 ? Format.FORMAT_ROWS : Format.FORMAT_COLUMNS;
        List<DeliveredReading> rest =
            topic.tail(request(topic, selector, format).setStart(after).build());
        requireSuffix(topic, all.subList(i + 1, all.size()), rest);
        requireNext(topic, selector, after, all.subList(i + 1, all.size()));
      }
    }
  }

  /** Requires that the rest is what was left, in the same order per partition. */
  private static void requireSuffix(
      TestTopic topic, List<DeliveredReading> left, List<DeliveredReading> rest) {
    for (int p = 0; p < topic.partitions(); p++) {
      assertThat(TopicFiller.values(TopicFiller.of(rest, p)))
          .isEqualTo(TopicFiller.values(TopicFiller.of(left, p)));
    }
  }

  /** Another protocol, one reading at a time. */
  private static void requireNext(
      TestTopic topic, Selector selector, Start after, List<DeliveredReading> left) {
    List<Reading> page =
        topic
            .reader()
            .read(
                ReadRequest.newBuilder()
                    .setTopic(topic.name())
                    .setSelector(selector)
                    .setStart(after)
                    .setLimit(1)
                    .build())
            .getReadingsList();
    if (left.isEmpty()) {
      assertThat(page).isEmpty();
    } else {
      assertThat(page).hasSize(1);
      DeliveredReading next =
          left.stream()
              .filter(got -> got.sensor().equals(page.get(0).getSensor()))
              .findFirst()
              .get();
      assertThat(page.get(0).getDouble()).isEqualTo(next.value());
      assertThat(TopicFiller.of(left, next.partition()).get(0)).isEqualTo(next);
    }
  }

  @EachSetup
  void contract12_resumeBehindEveryDeliveryOfColumns_isExactlyTheNext(TransportSetup setup) {
    TestTopic topic = filled(setup, 10 * BATCHES);
    for (Selector selector : selectors(topic)) {
      RawSubscribeSession whole = topic.subscriber();
      Subscription.Builder columns =
          whole.everything(1).setSelector(selector).setFormat(Format.FORMAT_COLUMNS);
      columns.getUntilBuilder().setNow(true);
      whole.open(columns);
      whole.awaitEnd(1);
      List<DeliveredReading> all = whole.readings(1);
      List<Delivery> deliveries = whole.deliveries(1);
      assertThat(deliveries.size()).as("deliveries to resume at").isGreaterThanOrEqualTo(2);
      int done = 0;
      for (int i = 0; i < deliveries.size(); i++) {
        done += (int) deliveries.get(i).getChargedReadings();
        RawSubscribeSession again = topic.subscriber();
        again.open(columns.setId(i).setStart(StartPositions.after(deliveries.get(i).getCursor())));
        again.awaitEnd(i);
        requireSuffix(topic, all.subList(done, all.size()), again.readings(i));
        again.halfClose();
      }
      whole.halfClose();
    }
  }

  @EachSetup
  void rule3_cursorsOfAcksPhasesProgressAndEnds_areResumePointsToo(TransportSetup setup) {
    TestTopic topic = filled(setup);
    List<DeliveredReading> all = topic.stored();
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder some = subscriber.everything(1);
    some.getUntilBuilder().setCount(7);
    subscriber.open(some);
    String behindSeven = subscriber.awaitEnd(1).getCursor();
    List<DeliveredReading> first = subscriber.readings(1);
    List<DeliveredReading> rest =
        topic.tail(topic.everything().setStart(StartPositions.after(behindSeven)).build());

    assertThat(first).hasSize(7);
    for (int p = 0; p < setup.partitions(); p++) {
      List<Double> both = new ArrayList<>(TopicFiller.values(TopicFiller.of(first, p)));
      both.addAll(TopicFiller.values(TopicFiller.of(rest, p)));
      assertThat(both).isEqualTo(TopicFiller.values(TopicFiller.of(all, p)));
    }
    String start = subscriber.awaitStatus(1).getStartCursor();
    assertThat(topic.tail(topic.everything().setStart(StartPositions.after(start)).build()))
        .as("a start cursor is before the first reading")
        .hasSameSizeAs(all);
  }

  @EachSetup
  void rule3_cursorsSurviveRestarts_cleanOrNot(TransportSetup setup) {
    TestTopic topic = filled(setup);
    List<DeliveredReading> all = topic.stored();
    DeliveredReading middle = all.get(all.size() / 2);
    List<DeliveredReading> left = all.subList(all.size() / 2 + 1, all.size());
    topic.server().kill();
    topic.server().startAgain();
    requireSuffix(
        topic,
        left,
        topic.tail(topic.everything().setStart(StartPositions.after(middle.cursor())).build()));
    TopicFiller.one(topic, 1_000);
    topic.server().stop();
    topic.server().startAgain();

    List<DeliveredReading> rest =
        topic.tail(topic.everything().setStart(StartPositions.after(middle.cursor())).build());
    assertThat(rest).hasSize(left.size() + setup.partitions());
    for (int p = 0; p < setup.partitions(); p++) {
      List<Double> expected = new ArrayList<>(TopicFiller.values(TopicFiller.of(left, p)));
      expected.add(1_000.0);
      assertThat(TopicFiller.values(TopicFiller.of(rest, p))).isEqualTo(expected);
    }
  }

  @EachSetup
  void contract12_fromTime_isInclusive_ofTheAppendTime(TransportSetup setup) throws IOException {
    TestTopic topic = topicOfOwnServer(setup, quick());
    for (int i = 0; i < 4; i++) {
      TopicFiller.one(topic, i);
    }
    List<DeliveredReading> all = topic.stored();
    topic.server().stop();
    Map<Integer, List<Long>> appended = appendTimes(topic);
    topic.server().startAgain();

    for (int p = 0; p < setup.partitions(); p++) {
      List<Double> values = TopicFiller.values(TopicFiller.of(all, p));
      for (int i = 0; i < 4; i++) {
        long at = appended.get(p).get(i);
        assertThat(values(topic, at, p)).as("at").isEqualTo(values.subList(i, 4));
        assertThat(values(topic, at + 1, p)).as("behind").isEqualTo(values.subList(i + 1, 4));
      }
    }
    assertThat(topic.tail(from(topic, 0))).hasSameSizeAs(all);
    assertThat(topic.tail(from(topic, Long.MAX_VALUE / 2))).isEmpty();
  }

  private static List<Double> values(TestTopic topic, long nanos, int partition) {
    return TopicFiller.values(TopicFiller.of(topic.tail(from(topic, nanos)), partition));
  }

  private static TailRequest from(TestTopic topic, long nanos) {
    Timestamp time =
        Timestamp.newBuilder()
            .setSeconds(nanos / 1_000_000_000L)
            .setNanos((int) (nanos % 1_000_000_000L))
            .build();
    return topic.everything().setStart(Start.newBuilder().setFromTime(time)).build();
  }

  /** Append times of the batches of each partition, from the stopped server's files. */
  private static Map<Integer, List<Long>> appendTimes(TestTopic topic) throws IOException {
    Map<Integer, List<Long>> times = new HashMap<>();
    var inspected = SegmentEngine.inspect(topic.server().dataDir(), new NioDataFiles());
    for (InspectedPartition partition : inspected) {
      if (!partition.id().equals(PartitionId.SYSTEM)) {
        List<Long> own = new ArrayList<>();
        partition.forEach(
            item -> {
              LogRecord record = ((InspectedItem.Stored) item).record();
              if (record.readings() > 0) {
                own.add(record.appendTimeNanos());
              }
            });
        times.put(partition.id().partition(), own);
      }
    }
    return times;
  }
}
