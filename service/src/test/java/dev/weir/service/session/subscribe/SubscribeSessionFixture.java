package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limits;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.SessionDescription;
import dev.weir.service.session.TestPeer;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Batch;
import dev.weir.v1.Credit;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.GrantCredit;
import dev.weir.v1.Phase;
import dev.weir.v1.Ping;
import dev.weir.v1.Reading;
import dev.weir.v1.Remove;
import dev.weir.v1.StallReason;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionState;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Subscribing sessions over a fake log. Owned by one test. */
abstract class SubscribeSessionFixture {
  TestServerContext context = new TestServerContext(Limits.defaults());
  ServedTopic topic = context.topic("t", 1);

  void with(Limits limits, long tailBytes) {
    context = new TestServerContext(limits, tailBytes);
    topic = context.topic("t", 1);
  }

  TestPeer<SubscribeResponse> start() {
    return new TestPeer<>(
        context,
        SubscribeResponse.parser(),
        out -> new SubscribeSession(context.context, context.loop, out));
  }

  TestPeer<SubscribeResponse> opened(Subscription.Builder... subscriptions) {
    SubscribeOpen.Builder open = SubscribeOpen.newBuilder();
    for (Subscription.Builder subscription : subscriptions) {
      open.addSubscriptions(subscription);
    }
    TestPeer<SubscribeResponse> peer =
        start().send(SubscribeRequest.newBuilder().setOpen(open).build());
    context.run();
    return peer;
  }

  /** Everything of the topic from its beginning, in columns. */
  static Subscription.Builder all(int id) {
    Subscription.Builder all =
        Subscription.newBuilder().setId(id).setTopic("t").setFormat(Format.FORMAT_COLUMNS);
    all.getSelectorBuilder().setAll(true);
    all.getStartBuilder().setEarliest(true);
    return all;
  }

  static SubscribeRequest add(Subscription.Builder subscription) {
    return SubscribeRequest.newBuilder().setAdd(subscription).build();
  }

  static SubscribeRequest remove(int id) {
    return SubscribeRequest.newBuilder().setRemove(Remove.newBuilder().setSubscription(id)).build();
  }

  static SubscribeRequest ping(long id) {
    return SubscribeRequest.newBuilder().setPing(Ping.newBuilder().setId(id)).build();
  }

  static SubscribeRequest grant(int id, long readings) {
    return SubscribeRequest.newBuilder()
        .setCredit(
            GrantCredit.newBuilder()
                .setSubscription(id)
                .setCredit(Credit.newBuilder().setReadings(readings)))
        .build();
  }

  void publish(String sensor, long... values) {
    publish(SampleBatches.rows(sensor, values));
  }

  void publish(Batch batch) {
    var payload = SampleBatches.named(batch, 0);
    topic
        .partitions()
        .get(0)
        .offer(new PartitionRequest.Append(null, "", 0, 0, payload, result -> {}));
    context.world.run();
  }

  /** A record of one reading of so many bytes. */
  void publishText(String sensor, int bytes) {
    Reading.Builder row = Reading.newBuilder().setSensor(sensor).setText("t".repeat(bytes));
    publish(Batch.newBuilder().addRows(row).build());
  }

  static List<SubscribeResponse> deliveries(TestPeer<SubscribeResponse> peer, int id) {
    return peer.got.stream()
        .filter(said -> said.hasDelivery() && said.getDelivery().getSubscription() == id)
        .toList();
  }

  static long readings(TestPeer<SubscribeResponse> peer, int id) {
    return deliveries(peer, id).stream()
        .mapToLong(said -> said.getDelivery().getChargedReadings())
        .sum();
  }

  static List<Phase> phases(TestPeer<SubscribeResponse> peer) {
    return peer.got.stream()
        .filter(SubscribeResponse::hasPhase)
        .map(said -> said.getPhase().getPhase())
        .toList();
  }

  static List<EndReason> ends(TestPeer<SubscribeResponse> peer) {
    return peer.got.stream()
        .filter(SubscribeResponse::hasEnd)
        .map(said -> said.getEnd().getReason())
        .toList();
  }

  /** How the only subscription stands, of which the metric says the same. */
  SubscriptionState stands(TestPeer<SubscribeResponse> peer, StallReason reason) {
    var page =
        new SessionDescription(
            GetSessionRequest.getDefaultInstance(),
            context.context.limits(),
            context.context.admission().unsent());
    assertThat(peer.session().describe(page)).isFalse();
    page.release();
    GetSessionResponse description = page.answer();
    assertThat(description.getSubscriptionsCount()).isEqualTo(1);
    SubscriptionState state = description.getSubscriptions(0);
    assertThat(state.getStall()).isEqualTo(reason);
    assertThat(state.getAdvice()).as("what to do").isNotEmpty();
    String name = reason.name().substring("STALL_REASON_".length()).toLowerCase(Locale.ROOT);
    assertThat(context.feeds.stalls()).isEqualTo(Map.of(name, 1L));
    return state;
  }

  void assertReleased(TestPeer<SubscribeResponse> peer) {
    peer.close();
    int said = peer.got.size();
    publish("late", 1);
    context.run();
    while (context.loop.advanceToTimer()) {
      context.run();
    }
    assertThat(peer.got).as("nothing is said to nobody").hasSize(said);
    assertThat(context.sessions.count()).isZero();
    assertThat(context.feeds.lagReadingsByTopic()).isEmpty();
    assertThat(context.openReaders(topic)).isZero();
  }
}
