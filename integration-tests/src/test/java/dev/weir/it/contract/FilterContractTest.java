package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.NumberedPublisher;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Credit;
import dev.weir.v1.EndReason;
import dev.weir.v1.EventTime;
import dev.weir.v1.Format;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Event times, ends by append time, and max_age. */
final class FilterContractTest extends ContractTest {
  private static Timestamp eventTime(long number) {
    return time(NumberedPublisher.BASE_NANOS + number * NumberedPublisher.STEP_NANOS);
  }

  private static Timestamp time(long nanos) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(nanos, 1_000_000_000L))
        .setNanos((int) Math.floorMod(nanos, 1_000_000_000L))
        .build();
  }

  private static EventTime between(long from, long until) {
    return EventTime.newBuilder().setFrom(eventTime(from)).setUntil(eventTime(until)).build();
  }

  private static List<Double> numbers(long from, long until) {
    return LongStream.range(from, until).mapToObj(number -> (double) number).toList();
  }

  @EachSetup
  void eventTime_isInclusiveFrom_exclusiveUntil_everywhere(TransportSetup setup) {
    TestTopic topic = topic(setup);
    NumberedPublisher numbers = new NumberedPublisher(topic, 3).send(100, 9).settle();
    Map<EventTime, List<Double>> cases = new LinkedHashMap<>();
    cases.put(between(13, 57), numbers(13, 57));
    cases.put(between(13, 14), numbers(13, 14));
    cases.put(EventTime.newBuilder().setFrom(eventTime(90)).build(), numbers(90, 100));
    cases.put(EventTime.newBuilder().setUntil(eventTime(5)).build(), numbers(0, 5));
    cases.put(between(200, 300), List.of());
    cases.forEach(
        (times, expected) -> {
          for (Format format : List.of(Format.FORMAT_ROWS, Format.FORMAT_COLUMNS)) {
            List<DeliveredReading> got =
                topic.tail(topic.everything().setEventTime(times).setFormat(format).build());
            for (int p = 0; p < setup.partitions(); p++) {
              assertThat(TopicFiller.values(TopicFiller.of(got, p))).isEqualTo(expected);
            }
          }
          List<Reading> page =
              topic
                  .reader()
                  .read(
                      ReadRequest.newBuilder()
                          .setTopic(topic.name())
                          .setStart(StartPositions.earliest())
                          .setEventTime(times)
                          .setLimit(1_000)
                          .build())
                  .getReadingsList();
          assertThat(page).hasSize(expected.size() * setup.partitions());
        });
    assertThat(numbers.sentInAll()).isEqualTo(100L * setup.partitions());
  }

  @EachSetup
  void eventTime_holdsLive_andForSnapshots(TransportSetup setup) {
    TestTopic topic = topic(setup);
    NumberedPublisher numbers = new NumberedPublisher(topic, 2).send(10, 10).settle();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        subscriber.everything(1).setEventTime(between(5, 15)),
        subscriber.everything(2).setEventTime(between(5, 15)).setFormat(Format.FORMAT_COLUMNS),
        subscriber.everything(3).clearStart().setSnapshot(true).setEventTime(between(9, 15)));
    subscriber.awaitPhase(3, Phase.PHASE_CAUGHT_UP);
    numbers.send(10, 3).settle();

    for (int id = 1; id <= 2; id++) {
      List<DeliveredReading> got = subscriber.awaitReadings(id, 10L * setup.partitions());
      for (int p = 0; p < setup.partitions(); p++) {
        assertThat(TopicFiller.values(TopicFiller.of(got, p))).isEqualTo(numbers(5, 15));
      }
    }
    List<DeliveredReading> third = subscriber.awaitReadings(3, 6L * setup.partitions());
    for (int p = 0; p < setup.partitions(); p++) {
      assertThat(TopicFiller.values(TopicFiller.of(third, p)))
          .as("9 is in the snapshot, the other sensor's last value is outside")
          .isEqualTo(numbers(9, 15));
    }
  }

  @EachTransport
  void eventTimesThatSelectNothingAtAll_areRefused(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber().open();
    for (EventTime wrong : List.of(between(5, 5), between(6, 5))) {
      assertThat(
              subscriber
                  .add(subscriber.everything(1).setEventTime(wrong))
                  .getProblem()
                  .getFieldViolations(0)
                  .getField())
          .isEqualTo("event_time");
    }
  }

  @EachSetup
  void contract12_resumeBehindEveryReading_withGlobsEventTimesAndLimits(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, 1_024));
    new NumberedPublisher(topic, 3).send(60, 7).settle();
    Selector globs = Selector.newBuilder().addGlobs("line0/*").addGlobs("line2/**").build();
    TailRequest.Builder request =
        topic.everything().setSelector(globs).setEventTime(between(10, 50));
    List<DeliveredReading> all = topic.tail(request.build());
    assertThat(all.size()).isEqualTo(setup.partitions() * 26);
    for (int i = 0; i < all.size(); i++) {
      TailRequest.Builder after =
          request.clone().setStart(StartPositions.after(all.get(i).cursor()));
      List<DeliveredReading> left = all.subList(i + 1, all.size());
      Format format = i % 2 == 0 ? Format.FORMAT_COLUMNS : Format.FORMAT_ROWS;
      List<DeliveredReading> rest = topic.tail(after.setFormat(format).build());
      for (int p = 0; p < setup.partitions(); p++) {
        assertThat(TopicFiller.values(TopicFiller.of(rest, p)))
            .isEqualTo(TopicFiller.values(TopicFiller.of(left, p)));
      }
      if (i % 5 == 0) {
        requireLimited(topic, after, left);
      }
    }
  }

  /** Joined pieces of three readings, each cut by `limit` and resumed in the other format. */
  private static void requireLimited(
      TestTopic topic, TailRequest.Builder from, List<DeliveredReading> left) {
    List<DeliveredReading> joined = new ArrayList<>();
    TailRequest.Builder next = from.clone().setLimit(3);
    for (int piece = 0; joined.size() < left.size() && piece <= left.size(); piece++) {
      Format format = piece % 2 == 0 ? Format.FORMAT_COLUMNS : Format.FORMAT_ROWS;
      List<DeliveredReading> got = new ArrayList<>();
      String[] end = new String[1];
      RawSubscribeSession subscriber = topic.subscriber();
      Subscription.Builder asked =
          subscriber
              .everything(1)
              .setSelector(next.getSelector())
              .setEventTime(next.getEventTime())
              .setStart(next.getStart())
              .setFormat(format);
      asked.getUntilBuilder().setNow(true).setCount(3);
      subscriber.open(asked);
      end[0] = subscriber.awaitEnd(1).getCursor();
      got.addAll(subscriber.readings(1));
      subscriber.halfClose();
      joined.addAll(got);
      next.setStart(StartPositions.after(end[0]));
    }
    for (int p = 0; p < topic.partitions(); p++) {
      assertThat(TopicFiller.values(TopicFiller.of(joined, p)))
          .isEqualTo(TopicFiller.values(TopicFiller.of(left, p)));
    }
  }

  @EachSetup
  void untilTime_inThePast_isExclusiveOfThatTime(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TopicFiller.one(topic, 1);
    long middle = nowBeyondAppends(topic, 1);
    TopicFiller.one(topic, 2);
    for (Format format : List.of(Format.FORMAT_ROWS, Format.FORMAT_COLUMNS)) {
      RawSubscribeSession subscriber = topic.subscriber();
      Subscription.Builder past = subscriber.everything(1).setFormat(format);
      past.getUntilBuilder().setTime(time(middle));
      subscriber.open(past);
      assertThat(subscriber.awaitEnd(1).getReason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
      assertThat(TopicFiller.values(subscriber.readings(1)))
          .hasSize(setup.partitions())
          .containsOnly(1.0);
      String cursor = subscriber.awaitStatus(1).getStartCursor();
      TailRequest.Builder tail = topic.everything().setStart(StartPositions.after(cursor));
      tail.getUntilBuilder().clear().setTime(time(middle));
      assertThat(topic.tail(tail.build())).hasSize(setup.partitions());
    }
  }

  /**
   * Returns a time after what is stored and before what is stored next: the clocks are the same.
   */
  private static long nowBeyondAppends(TestTopic topic, double value) {
    long[] at = {nanos(Instant.now())};
    await().until(() -> nanos(Instant.now()) > at[0] + 2_000_000L);
    at[0] = nanos(Instant.now());
    await().until(() -> nanos(Instant.now()) > at[0] + 2_000_000L);
    assertThat(TopicFiller.values(topic.stored())).containsOnly(value);
    return at[0];
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  @EachSetup
  void untilTime_inTheFuture_endsThere_evenWhereNothingIsStored(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TopicFiller.one(topic, 1);
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder soon = subscriber.everything(1);
    Instant end = Instant.now().plusMillis(700);
    soon.getUntilBuilder().setTime(time(nanos(end)));
    Subscription.Builder quiet = subscriber.everything(2).clearStart().setUntil(soon.getUntil());
    subscriber.open(soon, quiet);
    subscriber.awaitReadings(1, setup.partitions());
    assertThat(subscriber.responses().all()).noneMatch(SubscribeResponse::hasEnd);
    subscriber.awaitEnd(1);
    subscriber.awaitEnd(2);

    assertThat(Instant.now()).isAfterOrEqualTo(end);
    TopicFiller.one(topic, 2);
    subscriber.ping(1);
    assertThat(TopicFiller.values(subscriber.readings(1))).containsOnly(1.0);
    assertThat(subscriber.readings(2)).isEmpty();
  }

  @EachSetup
  void maxAge_makesOldReadingsAGap_andDeliversTheYoung(TransportSetup setup) {
    TestTopic topic = topic(setup);
    NumberedPublisher numbers = new NumberedPublisher(topic, 2).send(40, 10).settle();
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder young =
        subscriber.everything(1).setCredit(Credit.newBuilder().setReadings(0));
    young.getMaxAgeBuilder().setNanos(300_000_000);
    subscriber.open(young);
    Instant stored = Instant.now();
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> Instant.now().isAfter(stored.plusMillis(400)));
    numbers.send(10, 10).settle();
    subscriber.credit(1, Credit.newBuilder());
    for (int p = 0; p < setup.partitions(); p++) {
      int partition = p;
      subscriber
          .responses()
          .await(
              "old in " + p,
              said ->
                  said.getGap().getReason() == GapReason.GAP_REASON_TOO_OLD
                      && said.getGap().getPartition() == partition);
    }
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);

    long missing = subscriber.gaps(1).stream().mapToLong(Gap::getReadings).sum();
    List<DeliveredReading> got = subscriber.readings(1);
    assertThat(got.size() + missing).isEqualTo(numbers.sentInAll());
    assertThat(missing).isGreaterThanOrEqualTo(40L * setup.partitions());
    assertThat(got).allMatch(one -> one.value() >= 40);
    assertThat(subscriber.gaps(1))
        .noneMatch(Gap::getUpperBound)
        .allMatch(gap -> gap.getReason() == GapReason.GAP_REASON_TOO_OLD);
    Gap first = subscriber.gaps(1).get(0);
    List<DeliveredReading> behind =
        topic.tail(topic.everything().setStart(StartPositions.after(first.getToCursor())).build());
    assertThat(TopicFiller.of(behind, first.getPartition())).allMatch(one -> one.value() >= 40);
  }

  @EachSetup
  void maxAge_losesNothing_whereReadingsAreYoung(TransportSetup setup) {
    TestTopic topic = topic(setup);
    NumberedPublisher numbers = new NumberedPublisher(topic, 2).send(40, 10).settle();
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder rows = subscriber.everything(1);
    rows.getMaxAgeBuilder().setSeconds(3_600);
    Subscription.Builder columns =
        subscriber.everything(2).setFormat(Format.FORMAT_COLUMNS).setMaxAge(rows.getMaxAge());
    subscriber.open(rows, columns);
    numbers.send(40, 10).settle();
    for (int id = 1; id <= 2; id++) {
      subscriber.awaitReadings(id, numbers.sentInAll());
      assertThat(subscriber.gaps(id)).isEmpty();
    }
  }

  @EachTransport
  void startFromTime_withAModeAndUntil_isOneOfManyStarts(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TopicFiller.one(topic, 1);
    long middle = nowBeyondAppends(topic, 1);
    TopicFiller.one(topic, 2);
    TailRequest.Builder from =
        topic.everything().setStart(Start.newBuilder().setFromTime(time(middle)));
    assertThat(TopicFiller.values(topic.tail(from.build()))).containsExactly(2.0);
    assertThat(TopicFiller.values(topic.tail(from.setFormat(Format.FORMAT_COLUMNS).build())))
        .containsExactly(2.0);
  }
}
