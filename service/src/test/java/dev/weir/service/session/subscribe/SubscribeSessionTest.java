package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestPeer;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Credit;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.Gap;
import dev.weir.v1.Phase;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What subscribing sessions are asked and deliver. */
class SubscribeSessionTest extends SubscribeSessionFixture {
  // ---- opening and adding

  @Test
  void subscriptionsOfTheOpen_startAtOnce() {
    publish("x", 1, 2);
    TestPeer<SubscribeResponse> peer = opened(all(1), all(2));
    assertThat(peer.got.get(0).hasOpened()).isTrue();
    assertThat(peer.got).filteredOn(SubscribeResponse::hasStatus).hasSize(2);
    assertThat(readings(peer, 1)).isEqualTo(2);
    assertThat(readings(peer, 2)).isEqualTo(2);
    assertThat(peer.got)
        .as("sensors are told once")
        .filteredOn(SubscribeResponse::hasSensors)
        .hasSize(1);
    publish("y", 3);
    context.run();
    assertThat(readings(peer, 1)).isEqualTo(3);
    assertThat(peer.got).filteredOn(SubscribeResponse::hasSensors).hasSize(2);
    assertThat(phases(peer)).containsOnly(Phase.PHASE_CAUGHT_UP).hasSize(2);
  }

  @Test
  void badRequests_areRefusedAndOthersGoOn() {
    TestPeer<SubscribeResponse> peer = opened(all(1));
    Subscription.Builder empty = all(2);
    empty.clearSelector();
    Subscription.Builder unknown =
        all(3)
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        99,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.EMPTY)
                            .build())
                    .build());
    peer.send(add(all(1)))
        .send(add(empty))
        .send(add(unknown))
        .send(remove(9))
        .send(grant(9, 1))
        .send(SubscribeRequest.newBuilder().setOpen(SubscribeOpen.getDefaultInstance()).build())
        .send(SubscribeRequest.getDefaultInstance())
        .send(ping(7));
    context.run();
    assertThat(peer.got)
        .filteredOn(said -> said.hasStatus() && said.getStatus().hasProblem())
        .extracting(said -> said.getStatus().getProblem().getReason())
        .containsExactly("SUBSCRIPTION_EXISTS", "EMPTY_SELECTOR", "UNIMPLEMENTED");
    assertThat(peer.got)
        .filteredOn(SubscribeResponse::hasRefused)
        .extracting(said -> said.getRefused().getProblem().getReason())
        .containsExactly(
            "SUBSCRIPTION_NOT_FOUND",
            "SUBSCRIPTION_NOT_FOUND",
            "SESSION_NOT_OPEN",
            "INVALID_ARGUMENT");
    assertThat(peer.last().getPong().getId()).isEqualTo(7);
    publish("x", 1);
    context.run();
    assertThat(readings(peer, 1)).isEqualTo(1);
  }

  @Test
  void sessionNotOpenedInTime_ends() {
    TestPeer<SubscribeResponse> peer = start();
    context.loop.advance(Duration.ofSeconds(10).toNanos());
    context.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertReleased(peer);
  }

  @Test
  void sessionsBeyondTheMost_areRefusedAndGiveBackOnePlaceEach() {
    with(Limits.defaults().with(Limit.SESSIONS_MAX, 1), 1 << 20);
    TestPeer<SubscribeResponse> first = opened(all(1));
    for (int i = 0; i < 3; i++) {
      TestPeer<SubscribeResponse> refused = start();
      assertThat(refused.failure()).isEqualTo(ErrorCode.OVERLOADED);
      refused.close();
      assertThat(context.sessions.count()).isEqualTo(1);
    }
    assertReleased(first);
  }

  @Test
  void fullControlPool_refusesTheSubscriptionOnly() {
    TestPeer<SubscribeResponse> peer = opened();
    context.control.refuse(true);
    peer.send(add(all(1)));
    context.run();
    assertThat(peer.last().getStatus().getProblem().getReason()).isEqualTo("OVERLOADED");
    context.control.refuse(false);
    peer.send(add(all(1)));
    context.run();
    assertThat(phases(peer)).containsExactly(Phase.PHASE_CAUGHT_UP);
  }

  // ---- credit and turns

  @Test
  void subscriptionWithoutCredit_delaysNobody() {
    Subscription.Builder none = all(1).setCredit(Credit.newBuilder().setReadings(0));
    TestPeer<SubscribeResponse> peer = opened(none, all(2));
    publish("x", 1);
    context.run();
    publish("x", 2);
    context.run();
    assertThat(readings(peer, 1)).isZero();
    assertThat(readings(peer, 2)).isEqualTo(2);
    peer.send(grant(1, 1));
    context.run();
    assertThat(readings(peer, 1)).as("one delivery, which may overrun").isEqualTo(2);
    publish("x", 3);
    context.run();
    peer.send(grant(1, 2));
    context.run();
    assertThat(readings(peer, 1)).isEqualTo(2);
    peer.send(grant(1, 3)).send(grant(1, 1));
    context.run();
    assertThat(readings(peer, 1)).isEqualTo(3);
  }

  @Test
  void removedAndAddedAgain_startsWithoutCredit() {
    Subscription.Builder some = all(1).setCredit(Credit.newBuilder().setReadings(1));
    TestPeer<SubscribeResponse> peer = opened(some);
    publish("x", 1);
    context.run();
    peer.send(grant(1, 100)).send(remove(1));
    peer.send(add(all(1).setCredit(Credit.newBuilder().setReadings(0))));
    context.run();
    assertThat(ends(peer)).containsExactly(EndReason.END_REASON_REMOVED);
    assertThat(readings(peer, 1)).isEqualTo(1);
    peer.send(grant(1, 1));
    context.run();
    assertThat(readings(peer, 1)).isEqualTo(2);
  }

  @Test
  void busySubscriptions_shareBytesFairly() {
    with(Limits.defaults().with(Limit.DELIVERY_BYTES_MAX, 1_024), 1 << 24);
    ServedTopic other = context.topic("u", 1);
    for (int i = 0; i < 100; i++) {
      publishText("large", 5_000);
    }
    for (int i = 0; i < 2_000; i++) {
      var payload = SampleBatches.named("small", i);
      other
          .partitions()
          .get(0)
          .offer(new PartitionRequest.Append(null, "", 0, 0, payload, r -> {}));
      context.world.run();
    }
    for (Format format : List.of(Format.FORMAT_COLUMNS, Format.FORMAT_ROWS)) {
      TestPeer<SubscribeResponse> peer = opened(all(7).setTopic("absent"));
      peer.ready(false);
      peer.send(add(all(1).setFormat(format))).send(add(all(2).setTopic("u")));
      context.run();
      Map<Integer, Long> bytes = new HashMap<>();
      for (int i = 0; bytes.getOrDefault(2, 0L) < 20_000; i++) {
        int before = peer.got.size();
        one(peer);
        for (SubscribeResponse said : peer.got.subList(before, peer.got.size())) {
          bytes.merge(
              said.getDelivery().getSubscription(),
              said.getDelivery().getChargedBytes(),
              Long::sum);
        }
        assertThat(i).as("%s %s", format, bytes).isLessThan(1_000);
      }
      assertThat(bytes.get(1)).as("%s", format).isBetween(13_000L, 30_000L);
      peer.close();
      context.run();
    }
  }

  /** Takes one message, as a peer that is slow does. */
  private void one(TestPeer<SubscribeResponse> peer) {
    int said = peer.got.size();
    peer.onSent(() -> peer.ready(false));
    peer.ready(true);
    context.run();
    peer.ready(false);
    assertThat(peer.got.size()).isGreaterThanOrEqualTo(said);
  }

  // ---- progress

  @Test
  void progressOfAPeerThatReadsNothing_isOneMessage() {
    Subscription.Builder watched = all(1);
    watched.getProgressIntervalBuilder().setSeconds(1);
    TestPeer<SubscribeResponse> peer = opened(watched);
    peer.ready(false);
    for (int i = 0; i < 1_000; i++) {
      context.loop.advance(Duration.ofSeconds(1).toNanos());
      context.run();
    }
    int before = peer.got.size();
    peer.ready(true);
    context.run();
    assertThat(peer.got).hasSize(before + 1);
    assertThat(peer.last().hasProgress()).isTrue();
    context.loop.advance(Duration.ofSeconds(1).toNanos());
    context.run();
    assertThat(peer.got).hasSize(before + 2);
  }

  @Test
  void progress_neverPrecedesData() {
    Subscription.Builder watched = all(1).setFormat(Format.FORMAT_ROWS);
    watched.getProgressIntervalBuilder().setSeconds(1);
    TestPeer<SubscribeResponse> peer = opened(watched);
    peer.ready(false);
    publish("x", 1, 2);
    context.run();
    context.loop.advance(Duration.ofSeconds(1).toNanos());
    context.run();
    peer.ready(true);
    context.run();
    context.loop.advance(Duration.ofSeconds(1).toNanos());
    context.run();
    long seen = 0;
    for (SubscribeResponse said : peer.got) {
      seen += said.getDelivery().getChargedReadings();
      if (said.hasProgress()) {
        assertThat(said.getProgress().getLagReadings()).isEqualTo(2 - seen);
      }
    }
    assertThat(peer.last().getProgress().getPartitions(0).getNextOffset()).isEqualTo(1);
  }

  @Test
  void removedSubscription_leavesNoTimer() {
    TestPeer<SubscribeResponse> peer = opened();
    for (int i = 0; i < 10; i++) {
      Subscription.Builder watched = all(i);
      watched.getProgressIntervalBuilder().setSeconds(3_600);
      peer.send(add(watched));
      context.run();
      peer.send(remove(i));
    }
    assertThat(context.loop.timers()).isZero();
    Subscription.Builder watched = all(1);
    watched.getProgressIntervalBuilder().setSeconds(3_600);
    peer.send(add(watched));
    context.run();
    assertThat(context.loop.timers()).isEqualTo(1);
    peer.close();
    assertThat(context.loop.timers()).isZero();
  }

  // ---- gaps

  @Test
  void gapNotYetTold_isNotPassedOverByRemoving() {
    publish("x", 1, 2);
    publish("x", 3);
    context.world.log(topic, 0).damage(0);
    String logId = String.valueOf(topic.info().logId());
    context.world.restart();
    context = restarted(context);
    topic = context.topic("t", 1);
    assertThat(String.valueOf(topic.info().logId())).isEqualTo(logId);

    TestPeer<SubscribeResponse> peer = opened();
    peer.ready(false);
    peer.send(add(all(1).setFormat(Format.FORMAT_ROWS)));
    context.run();
    peer.ready(true);
    context.run();
    assertGap(peer, 2);

    TestPeer<SubscribeResponse> slow = opened(all(7).setTopic("absent"));
    slow.send(add(all(1).setFormat(Format.FORMAT_ROWS)));
    while (context.catchUp.size() == 0) {
      assertThat(context.loop.runOne() || context.world.run() || context.control.runOne()).isTrue();
    }
    slow.ready(false);
    context.run(); // the gap is found, and cannot be told
    slow.send(remove(1));
    slow.ready(true);
    context.run();
    assertThat(slow.got).noneMatch(SubscribeResponse::hasGap);
    String cursor = slow.last().getEnd().getCursor();
    Subscription.Builder again = all(1);
    again.getStartBuilder().setAfterCursor(cursor);
    slow.send(add(again));
    context.run();
    assertGap(slow, 2);
  }

  private static TestServerContext restarted(TestServerContext before) {
    return new TestServerContext(before);
  }

  private static void assertGap(TestPeer<SubscribeResponse> peer, long lost) {
    List<Gap> gaps = new ArrayList<>();
    peer.got.stream().filter(SubscribeResponse::hasGap).forEach(said -> gaps.add(said.getGap()));
    assertThat(gaps).hasSize(1);
    assertThat(gaps.get(0).getReadings()).isEqualTo(lost);
    assertThat(gaps.get(0).getUpperBound()).as("all sensors: exact").isFalse();
    assertThat(readings(peer, 1)).isEqualTo(1);
  }
}
