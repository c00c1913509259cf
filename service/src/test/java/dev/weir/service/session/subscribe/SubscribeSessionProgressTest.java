package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Timestamps;
import dev.weir.service.config.Limits;
import dev.weir.service.session.SessionHandler;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Commit;
import dev.weir.v1.Credit;
import dev.weir.v1.StallReason;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionState;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What subscribing sessions commit, and what they say about themselves. */
class SubscribeSessionProgressTest extends SubscribeSessionFixture {
  private static final int COLLECTIONS_MAX = 50;

  private static SubscribeRequest commit(int id, String cursor) {
    return SubscribeRequest.newBuilder()
        .setCommit(Commit.newBuilder().setSubscription(id).setCursor(cursor))
        .build();
  }

  private static List<String> acked(TestPeer<SubscribeResponse> peer) {
    return peer.got.stream()
        .filter(SubscribeResponse::hasCommitAck)
        .map(said -> said.getCommitAck().getCursor())
        .toList();
  }

  private static List<String> refusals(TestPeer<SubscribeResponse> peer) {
    return peer.got.stream()
        .filter(SubscribeResponse::hasRefused)
        .map(said -> said.getRefused().getProblem().getReason())
        .toList();
  }

  private static String cursor(TestPeer<SubscribeResponse> peer, int delivery) {
    return deliveries(peer, 1).get(delivery).getDelivery().getCursor();
  }

  // ---- commits

  @Test
  void committedCursor_isAckedAndStartedFromAgain() {
    TestPeer<SubscribeResponse> peer = opened(all(1).setName("mine"));
    publish("x", 1);
    context.run();
    publish("x", 2, 3);
    context.run();
    peer.send(commit(1, cursor(peer, 0)));
    context.run();
    assertThat(acked(peer)).containsExactly(cursor(peer, 0));
    peer.close();
    Subscription.Builder again = all(1).setName("mine");
    again.getStartBuilder().setCommitted(true);
    TestPeer<SubscribeResponse> rest = opened(again);
    assertThat(readings(rest, 1)).isEqualTo(2);
    assertReleased(rest);
  }

  @Test
  void commitThatIsRefusedBehindTheEndOfItsSession_leavesNoCharge() {
    TestPeer<SubscribeResponse> peer = opened(all(1).setName("mine"));
    context.run();
    peer.send(commit(1, "no cursor"));
    peer.close();
    context.run();
    assertThat(context.context.admission().unsent().used()).isZero();
  }

  @Test
  void olderCommit_isAckedWithTheNewerOne() {
    TestPeer<SubscribeResponse> peer = opened(all(1).setName("mine"));
    publish("x", 1);
    context.run();
    publish("x", 2);
    context.run();
    peer.send(commit(1, cursor(peer, 1))).send(commit(1, cursor(peer, 0)));
    context.run();
    assertThat(acked(peer)).isNotEmpty().containsOnly(cursor(peer, 1));
    assertThat(refusals(peer)).isEmpty();
  }

  @Test
  void commitsUnderWay_holdBackWhatThePeerSends() {
    TestPeer<SubscribeResponse> peer = opened(all(1).setName("mine"));
    publish("x", 1);
    context.run();
    for (int i = 0; i < 40; i++) {
      peer.send(commit(1, cursor(peer, 0)));
    }
    assertThat(peer.unsent()).as("16 are under way").isEqualTo(24);
    context.run();
    assertThat(peer.unsent()).isZero();
    assertThat(acked(peer)).isNotEmpty().containsOnly(cursor(peer, 0));
  }

  private WeakReference<SessionHandler> closedWithACommitUnderWay() {
    TestPeer<SubscribeResponse> peer = opened(all(1).setName("mine"));
    publish("x", 1);
    context.run();
    context.world.systemLog().hold();
    peer.send(commit(1, cursor(peer, 0)));
    peer.close();
    context.run();
    return new WeakReference<>(peer.session());
  }

  @Test
  void commitThatIsNotStoredYet_holdsNothingOfASessionThatIsClosed() {
    WeakReference<SessionHandler> session = closedWithACommitUnderWay();
    for (int i = 0; i < COLLECTIONS_MAX && session.get() != null; i++) {
      System.gc();
    }
    assertThat(session.get()).isNull();
    context.world.systemLog().release();
    context.run();
    assertThat(context.world.topics().registry().cursors().find(topic.info(), "mine"))
        .as("it is stored all the same")
        .isPresent();
  }

  @Test
  void commitsThatCannotBe_areRefusedAndTheSessionGoesOn() {
    context.topic("u", 1);
    TestPeer<SubscribeResponse> peer =
        opened(all(1), all(2).setName("a").setCredit(Credit.newBuilder().setReadings(0)));
    publish("x", 1);
    context.run();
    String foreign = context.topic("u", 1).headCursor().text();
    peer.send(commit(9, "?"))
        .send(commit(1, cursor(peer, 0)))
        .send(commit(2, cursor(peer, 0)))
        .send(commit(2, foreign))
        .send(commit(2, "nonsense"));
    context.run();
    assertThat(refusals(peer))
        .containsExactly(
            "SUBSCRIPTION_NOT_FOUND",
            "INVALID_ARGUMENT",
            "COMMIT_AHEAD",
            "CURSOR_INVALID",
            "CURSOR_INVALID");
    assertThat(acked(peer)).isEmpty();
    publish("x", 2);
    context.run();
    assertThat(readings(peer, 1)).isEqualTo(2);
  }

  // ---- how it stands

  @Test
  void subscriptionAtTheEnd_isCaughtUp() {
    TestPeer<SubscribeResponse> peer = opened(all(1));
    publish("x", 1, 2);
    context.run();
    SubscriptionState state = stands(peer, StallReason.STALL_REASON_CAUGHT_UP);
    assertThat(state.getDeliveredReadings()).isEqualTo(2);
    assertThat(state.getProgress().getLagReadings()).isZero();
    assertThat(state.getLastDeliveryTime())
        .isEqualTo(Timestamps.fromNanos(context.world.nowNanos()));
    assertReleased(peer);
    assertThat(context.feeds.stalls()).as("of nobody").isEmpty();
  }

  @Test
  void subscriptionWithoutCredit_saysSo() {
    TestPeer<SubscribeResponse> peer = opened(all(1).setCredit(Credit.newBuilder().setReadings(0)));
    publish("x", 1);
    context.run();
    SubscriptionState state = stands(peer, StallReason.STALL_REASON_NO_CREDIT);
    assertThat(state.getProgress().getLagReadings()).isEqualTo(1);
    peer.send(grant(1, 5));
    context.run();
    stands(peer, StallReason.STALL_REASON_CAUGHT_UP);
  }

  @Test
  void subscriptionWhoseSelectorMatchesNoSensor_saysSo() {
    Subscription.Builder other = all(1);
    other.getSelectorBuilder().setAll(false).addNames("other");
    publish("x", 1);
    TestPeer<SubscribeResponse> peer = opened(other);
    stands(peer, StallReason.STALL_REASON_FILTER_MATCHES_NOTHING);
    publish("other", 2);
    context.run();
    stands(peer, StallReason.STALL_REASON_CAUGHT_UP);
  }

  @Test
  void peerThatReadsNothing_isTheReason() {
    TestPeer<SubscribeResponse> peer = opened(all(1));
    peer.onSent(() -> peer.ready(false));
    publish("x", 1);
    context.run();
    publish("x", 2);
    context.run();
    stands(peer, StallReason.STALL_REASON_PEER_NOT_READING);
    peer.onSent(() -> {});
    peer.ready(true);
    context.run();
    stands(peer, StallReason.STALL_REASON_CAUGHT_UP);
  }

  @Test
  void readOfTheLogUnderWay_isTheReason() {
    with(Limits.defaults(), 0);
    publish("x", 1);
    TestPeer<SubscribeResponse> peer = opened();
    peer.send(add(all(1)));
    while (context.catchUp.size() == 0) {
      assertThat(context.loop.runOne() || context.world.run() || context.control.runOne()).isTrue();
    }
    assertThat(stands(peer, StallReason.STALL_REASON_CATCHING_UP).getAdvice())
        .contains("catchup_block_bytes", "catchup_threads");
    context.run();
    stands(peer, StallReason.STALL_REASON_CAUGHT_UP);
  }

  @Test
  void subscriptionsOfAllSessions_areCountedByTheirReason() {
    publish("x", 1);
    Subscription.Builder none = all(3).setCredit(Credit.newBuilder().setReadings(0));
    opened(all(1), all(2), none);
    opened(all(1), none);
    assertThat(context.feeds.stalls()).isEqualTo(Map.of("caught_up", 3L, "no_credit", 2L));
  }

  @Test
  void lagBytes_areThoseOfTheRecordsBehind() {
    TestPeer<SubscribeResponse> peer = opened(all(1).setCredit(Credit.newBuilder().setReadings(1)));
    publish("x", 1);
    context.run();
    long before = context.world.log(topic, 0).bytes();
    publish("y", 2, 3);
    publishText("z", 2_000);
    publish("x", 4);
    context.run();
    long behind = context.world.log(topic, 0).bytes() - before;
    assertThat(behind).isGreaterThan(2_000);
    assertThat(stands(peer, StallReason.STALL_REASON_NO_CREDIT).getProgress().getLagBytes())
        .isEqualTo(behind);
    peer.send(grant(1, 100));
    context.run();
    assertThat(stands(peer, StallReason.STALL_REASON_CAUGHT_UP).getProgress().getLagBytes())
        .isZero();
  }

  @Test
  void lagBytesOutOfMemory_areEstimatedByTheReadingsBehind() {
    with(Limits.defaults(), 0);
    for (int i = 0; i < 10; i++) {
      publishText("x", 1_000);
    }
    TestPeer<SubscribeResponse> peer = opened(all(1).setCredit(Credit.newBuilder().setReadings(0)));
    long stored = context.world.log(topic, 0).bytes();
    assertThat(stands(peer, StallReason.STALL_REASON_NO_CREDIT).getProgress().getLagBytes())
        .isEqualTo(stored);
  }
}
