package dev.weir.it.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Credit by hand, by demand, by stages, and what happens to who cannot keep up. */
class FlowControlTest extends ClientServerTest {
  private static final Duration PROGRESS = Duration.ofMillis(100);

  private static double[] counting(int readings) {
    return DoubleStream.iterate(0, value -> value + 1).limit(readings).toArray();
  }

  @Test
  void asyncHandlerOutOfOrder_noMoreThanInFlightMaxAreOpen_andTheCursorFollowsTheFirst()
      throws Exception {
    publish("s", 0);
    ManualAsyncHandler stages = new ManualAsyncHandler();
    RecordingListener heard = new RecordingListener();
    Subscriber subscriber =
        client.subscribeAsync(
            SubscriberOptions.builder("t").inFlightMax(3).listener(heard).build(),
            stages::onReadings);
    heard.awaitActive();
    String before = subscriber.cursor();
    for (int i = 0; i < 3; i++) {
      publish("s", i);
      stages.await(i + 1);
    }
    publish("s", 3);
    stages.complete(2);
    stages.complete(1);
    assertThat(subscriber.cursor()).isEqualTo(before);
    assertThat(stages.count()).as("three in work, because the first is open").isEqualTo(3);
    stages.complete(0);
    stages.await(4);
    assertThat(subscriber.cursor()).isEqualTo(stages.cursor(2));
    stages.complete(3);
    await("behind the last").until(() -> subscriber.cursor().equals(stages.cursor(3)));
  }

  @Test
  void manualCredit_deliversWhatWasAskedFor() throws Exception {
    publish("s", counting(50));
    RecordingHandler received = new RecordingHandler();
    RecordingListener heard = new RecordingListener();
    Subscriber subscriber =
        client.subscribe(
            SubscriberOptions.builder("t")
                .sensors("s")
                .fromEarliest()
                .manualCredit()
                .progressInterval(PROGRESS)
                .listener(heard)
                .build(),
            received);
    heard.awaitProgress(p -> p.getLagReadings() == 50 && p.getCreditReadingsLeft() == 0);
    assertThat(received.readings()).isZero();
    subscriber.request(5);
    received.awaitReadings(5);
    heard.awaitProgress(p -> p.getCreditReadingsLeft() == 0 && p.getLagReadings() <= 45);
    int first = received.readings();
    subscriber.request(Long.MAX_VALUE);
    received.awaitReadings(50);
    assertThat(first).as("at most one delivery more").isBetween(5, 50);
    received.assertCounting(1, 50);
  }

  @Test
  void flowPublisher_signalsExactlyTheDemand_thenCompletes() throws Exception {
    publish("s", counting(100));
    ManualFlowSubscriber demand = new ManualFlowSubscriber();
    client
        .readings(SubscriberOptions.builder("t").fromEarliest().untilNow().build())
        .subscribe(demand);
    demand.request(3);
    demand.awaitCount(3);
    assertThat(demand.values()).hasSize(3);
    demand.request(10);
    demand.awaitCount(13);
    assertThat(demand.values()).hasSize(13);
    demand.request(Long.MAX_VALUE);
    demand.completed.get(30, SECONDS);
    assertThat(demand.values()).containsExactly(counting(100));
  }

  @Test
  void flowPublisherCancelled_signalsNothingMore() throws Exception {
    publish("s", counting(10));
    ManualFlowSubscriber demand = new ManualFlowSubscriber();
    client.readings(SubscriberOptions.builder("t").fromEarliest().build()).subscribe(demand);
    demand.request(4);
    demand.awaitCount(4);
    demand.cancel();
    demand.request(100);
    publish("s", counting(10));
    assertThat(demand.values()).hasSize(4);
    assertThat(demand.completed).isNotDone();
  }

  @Test
  void conflate_givesLastValuesAndCountsTheRest() throws Exception {
    Overflowed overflowed = overflow(SubscriberOptions.builder("t").conflate().maxLag(50));
    RecordingHandler received = overflowed.received;
    await("everything is accounted for")
        .atMost(Duration.ofSeconds(30))
        .until(() -> received.readings() + overflowed.heard.missing() == 20_000);
    assertThat(overflowed.heard.reasons()).containsExactly(GapReason.GAP_REASON_CONFLATED);
    assertThat(received.readings()).isLessThan(20_000);
    for (int sensor = 0; sensor < 10; sensor++) {
      assertThat(received.of("line/" + sensor))
          .isSorted()
          .doesNotHaveDuplicates()
          .endsWith(1_999.0);
    }
  }

  @Test
  void dropOldest_skipsAndCountsWhatItSkipped() throws Exception {
    Overflowed overflowed = overflow(SubscriberOptions.builder("t").dropOldest().maxLag(50));
    RecordingHandler received = overflowed.received;
    await("everything is accounted for")
        .atMost(Duration.ofSeconds(30))
        .until(() -> received.readings() + overflowed.heard.missing() == 20_000);
    assertThat(overflowed.heard.reasons()).containsExactly(GapReason.GAP_REASON_DROPPED);
    assertThat(received.of("line/9")).isSorted().doesNotHaveDuplicates().endsWith(1_999.0);
  }

  @Test
  void endWhenLagging_endsAtACursorThatGivesTheRest() throws Exception {
    Overflowed overflowed = overflow(SubscriberOptions.builder("t").endWhenLagging().maxLag(50));
    var end = overflowed.subscriber.completion().get(30, SECONDS);
    assertThat(end.reason()).isEqualTo(EndReason.END_REASON_LAGGED);
    client
        .subscribe(
            SubscriberOptions.builder("t").afterCursor(end.cursor()).untilNow().build(),
            overflowed.received)
        .completion()
        .get(30, SECONDS);
    overflowed.received.assertCounting(10, 2_000);
  }

  /** A subscriber whose handler stood still while 10 sensors got 2,000 readings each. */
  private record Overflowed(
      Subscriber subscriber, RecordingHandler received, RecordingListener heard) {}

  private Overflowed overflow(SubscriberOptions.Builder options) throws Exception {
    client.topics().createTopic("t", 1);
    CountDownLatch released = new CountDownLatch(1);
    RecordingListener heard = new RecordingListener();
    RecordingHandler received = new RecordingHandler();
    Subscriber subscriber =
        client.subscribe(
            options.creditReadings(10).listener(heard).build(),
            new BlockingHandler(released, received));
    heard.awaitActive();
    publishRounds(10, 2_000);
    released.countDown();
    return new Overflowed(subscriber, received, heard);
  }
}
