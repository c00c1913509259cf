package dev.weir.service.session.subscribe;

import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Format;
import dev.weir.v1.Kind;
import dev.weir.v1.Mode;
import dev.weir.v1.Reading;
import dev.weir.v1.Selector;
import dev.weir.v1.Sensor;
import dev.weir.v1.StallReason;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a filter matches nothing, and when what it selects is merely silent. */
class SubscribeSessionFilterTest extends SubscribeSessionFixture {
  private static final StallReason NOTHING = StallReason.STALL_REASON_FILTER_MATCHES_NOTHING;
  private static final StallReason CAUGHT_UP = StallReason.STALL_REASON_CAUGHT_UP;

  private static Subscription.Builder of(Selector.Builder selector) {
    return all(1).setSelector(selector);
  }

  private void define(Sensor sensor) {
    topic.partitions().get(0).offer(new PartitionRequest.Define(List.of(sensor), result -> {}));
    context.run();
  }

  private static Sensor sensor(String name) {
    return SampleBatches.sensor(name, Kind.KIND_INTEGER);
  }

  @Test
  void slowSensorInABusyTopic_isCaughtUp() {
    for (Format format : List.of(Format.FORMAT_COLUMNS, Format.FORMAT_ROWS)) {
      publish("slow", 1);
      TestPeer<SubscribeResponse> peer =
          opened(of(Selector.newBuilder().addNames("slow")).setFormat(format));
      stands(peer, CAUGHT_UP);
      for (int i = 0; i < 20; i++) {
        publish("busy", i);
        context.run();
        stands(peer, CAUGHT_UP);
      }
      peer.close();
    }
  }

  @Test
  void slowSensorThatHasSentNothingSinceTheBeginning_isCaughtUp() {
    publish("slow", 1);
    Subscription.Builder latest = of(Selector.newBuilder().addGlobs("s*"));
    latest.getStartBuilder().setLatest(true);
    TestPeer<SubscribeResponse> peer = opened(latest);
    publish("busy", 1);
    context.run();
    stands(peer, CAUGHT_UP);
  }

  @Test
  void selectorsThatMatchNoSensor_matchNothing() {
    define(sensor("a/b").toBuilder().putLabels("site", "x").build());
    List<Selector.Builder> wrong =
        List.of(
            Selector.newBuilder().addNames("a/c"),
            Selector.newBuilder().addGlobs("*"),
            Selector.newBuilder().putLabels("site", "y"),
            Selector.newBuilder().setAll(true).putLabels("line", "x"),
            Selector.newBuilder().addGlobs("**").putLabels("site", "y"));
    for (Format format : List.of(Format.FORMAT_COLUMNS, Format.FORMAT_ROWS)) {
      for (Selector.Builder selector : wrong) {
        TestPeer<SubscribeResponse> peer = opened(of(selector).setFormat(format));
        stands(peer, NOTHING);
        publish("a/b", 1);
        context.run();
        stands(peer, NOTHING);
        peer.close();
      }
    }
  }

  @Test
  void sensorThatAppears_endsTheReasonBeforeItSendsAnything() {
    publish("x", 1);
    TestPeer<SubscribeResponse> peer = opened(of(Selector.newBuilder().addGlobs("late/*")));
    stands(peer, NOTHING);
    define(sensor("other"));
    stands(peer, NOTHING);
    define(sensor("late/one"));
    stands(peer, CAUGHT_UP);
    assertReleased(peer);
  }

  @Test
  void topicWithoutSensors_isNotTheSelectorsFault() {
    stands(opened(of(Selector.newBuilder().addNames("x"))), CAUGHT_UP);
  }

  @Test
  void everythingSelected_isNeverTheReason() {
    publish("x", 1);
    Subscription.Builder latest = all(1);
    latest.getStartBuilder().setLatest(true);
    stands(opened(latest), CAUGHT_UP);
  }

  @Test
  void eventTimesThatNoReadingIsIn_matchNothing() {
    Subscription.Builder future = all(1);
    future.getEventTimeBuilder().getFromBuilder().setSeconds(1_000);
    TestPeer<SubscribeResponse> peer = opened(future);
    stands(peer, CAUGHT_UP);
    publish("x", 1);
    context.run();
    stands(peer, NOTHING);
    publish(SampleBatches.rows("x", 2).toBuilder().setRows(0, at(2_000)).build());
    context.run();
    stands(peer, CAUGHT_UP);
    publish("x", 3);
    context.run();
    stands(peer, CAUGHT_UP);
  }

  private static Reading.Builder at(long seconds) {
    Reading.Builder reading = Reading.newBuilder().setSensor("x").setInteger(2);
    reading.getTimeBuilder().setSeconds(seconds);
    return reading;
  }

  @Test
  void readingsHeldBackByTheMode_didMatch() {
    Subscription.Builder changes = all(1).setMode(Mode.MODE_ON_CHANGE);
    changes.getEventTimeBuilder().getFromBuilder().setSeconds(0);
    publish("x", 1);
    TestPeer<SubscribeResponse> peer = opened(changes);
    publish("x", 1);
    context.run();
    stands(peer, CAUGHT_UP);
  }
}
