package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limits;
import dev.weir.service.core.LazyValue;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.session.feed.Feed;
import dev.weir.service.session.feed.FeedEvent;
import dev.weir.service.session.feed.FeedFormat;
import dev.weir.service.session.feed.FeedSetting;
import dev.weir.service.session.feed.SubscriptionResolver;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Kind;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sensors are told before their ids are used, and found once for all who get the same bytes. */
class TopicSensorAnnouncerTest {
  private static final Selector ALL = Selector.newBuilder().setAll(true).build();
  private static final Selector NAMES = Selector.newBuilder().addNames("s").build();

  private final TestServerContext context = new TestServerContext(Limits.defaults());
  private final ServedTopic topic = context.topic("t", 1);

  private void offer(PartitionRequest request) {
    assertThat(topic.partitions().get(0).offer(request)).isTrue();
    context.world.run();
  }

  private void publish(String sensor, long value) {
    offer(
        new PartitionRequest.Append(
            null, "", 0, 0, SampleBatches.named(sensor, value), result -> {}));
  }

  private Feed feed(Selector selector) {
    Subscription asked = Subscription.newBuilder().setTopic("t").setSelector(selector).build();
    return new Feed(
        FeedSetting.of(context.context, context.loop, 1 << 20, () -> true, () -> {}),
        SubscriptionResolver.of(context.context, asked, FeedFormat.COLUMNS),
        SubscriptionCredit.unlimited());
  }

  /** The next readings of a feed. */
  private FeedEvent.Data next(Feed feed) {
    while (true) {
      FeedEvent said = feed.next();
      if (said instanceof FeedEvent.Data data) {
        return data;
      }
      if (said == null) {
        context.run();
      }
    }
  }

  @Test
  void idsOfABatch_areFoundOnceForAllWhoGetIt() {
    for (Selector selector : List.of(ALL, NAMES)) {
      Feed one = feed(selector);
      Feed other = feed(selector);
      publish("s", 1);
      LazyValue<int[]> sensors = next(one).sensors().get(0);
      assertThat(next(other).sensors()).hasSize(1).first().isSameAs(sensors);
      assertThat(sensors.get()).containsExactly(0).isSameAs(sensors.get());
    }
  }

  @Test
  void sensorThatDoesNotPublish_makesNobodyLookAtABatchAgain() {
    var retired = List.of(SampleBatches.sensor("retired", Kind.KIND_DOUBLE));
    offer(new PartitionRequest.Define(retired, result -> {}));
    publish("s", 1);
    int[] found = {0};
    LazyValue<int[]> sensors =
        new LazyValue<>(
            () -> {
              found[0]++;
              return new int[] {topic.sensors().byName("s").id()};
            });
    for (int session = 0; session < 3; session++) {
      TopicSensorAnnouncer announcer =
          new TopicSensorAnnouncer(topic, 0, new Budget("session_budget_bytes", 1 << 20));
      assertThat(announcer.before(0, List.of(sensors))).toIterable().hasSize(1);
      assertThat(announcer.before(0, List.of(sensors))).as("told").isExhausted();
    }
    assertThat(found[0]).isEqualTo(1);
  }

  @Test
  void whoKnowsAllSensors_looksAtNoBatch() {
    publish("s", 1);
    TopicSensorAnnouncer announcer =
        new TopicSensorAnnouncer(topic, 0, new Budget("session_budget_bytes", 1 << 20));
    announcer.before(0, List.of(new LazyValue<>(() -> new int[] {0})));
    LazyValue<int[]> never =
        new LazyValue<>(
            () -> {
              throw new AssertionError("looked at");
            });
    assertThat(announcer.before(0, List.of(never))).isExhausted();
  }
}
