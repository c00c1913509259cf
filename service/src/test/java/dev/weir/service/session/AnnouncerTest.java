package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limits;
import dev.weir.service.core.Once;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.credit.Credit;
import dev.weir.service.partition.Request;
import dev.weir.service.partition.TestBatches;
import dev.weir.service.partition.Topic;
import dev.weir.v1.Kind;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sensors are told before their ids are used, and found once for all who get the same bytes. */
class AnnouncerTest {
  private static final Selector ALL = Selector.newBuilder().setAll(true).build();
  private static final Selector NAMES = Selector.newBuilder().addNames("s").build();

  private final TestDesk desk = new TestDesk(Limits.defaults());
  private final Topic topic = desk.topic("t", 1);

  private void offer(Request request) {
    assertThat(topic.partitions().get(0).offer(request)).isTrue();
    desk.world.run();
  }

  private void publish(String sensor, long value) {
    offer(new Request.Append(null, "", 0, 0, TestBatches.named(sensor, value), result -> {}));
  }

  private Feed feed(Selector selector) {
    Subscription asked = Subscription.newBuilder().setTopic("t").setSelector(selector).build();
    return new Feed(
        FeedSetting.of(desk.desk, desk.loop, 1 << 20, () -> true, () -> {}),
        Orders.of(desk.desk, asked, Shape.COLUMNS),
        Credit.unlimited());
  }

  /** The next readings of a feed. */
  private Emission.Data next(Feed feed) {
    while (true) {
      Emission said = feed.next();
      if (said instanceof Emission.Data data) {
        return data;
      }
      if (said == null) {
        desk.run();
      }
    }
  }

  @Test
  void idsOfABatch_areFoundOnceForAllWhoGetIt() {
    for (Selector selector : List.of(ALL, NAMES)) {
      Feed one = feed(selector);
      Feed other = feed(selector);
      publish("s", 1);
      Once<int[]> sensors = next(one).sensors().get(0);
      assertThat(next(other).sensors()).hasSize(1).first().isSameAs(sensors);
      assertThat(sensors.get()).containsExactly(0).isSameAs(sensors.get());
    }
  }

  @Test
  void sensorThatDoesNotPublish_makesNobodyLookAtABatchAgain() {
    var retired = List.of(TestBatches.sensor("retired", Kind.KIND_DOUBLE));
    offer(new Request.Define(retired, result -> {}));
    publish("s", 1);
    int[] found = {0};
    Once<int[]> sensors =
        new Once<>(
            () -> {
              found[0]++;
              return new int[] {topic.sensors().byName("s").id()};
            });
    for (int session = 0; session < 3; session++) {
      Announcer announcer = new Announcer(topic, 0, new Budget("session_budget_bytes", 1 << 20));
      assertThat(announcer.before(0, List.of(sensors))).toIterable().hasSize(1);
      assertThat(announcer.before(0, List.of(sensors))).as("told").isExhausted();
    }
    assertThat(found[0]).isEqualTo(1);
  }

  @Test
  void whoKnowsAllSensors_looksAtNoBatch() {
    publish("s", 1);
    Announcer announcer = new Announcer(topic, 0, new Budget("session_budget_bytes", 1 << 20));
    announcer.before(0, List.of(new Once<>(() -> new int[] {0})));
    Once<int[]> never =
        new Once<>(
            () -> {
              throw new AssertionError("looked at");
            });
    assertThat(announcer.before(0, List.of(never))).isExhausted();
  }
}
