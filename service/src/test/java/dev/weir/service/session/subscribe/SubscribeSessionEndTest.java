package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.state.SubscriptionLifecycle;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Credit;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.Phase;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import org.junit.jupiter.api.Test;

/** How subscribing sessions end, and what their peer does to them. */
class SubscribeSessionEndTest extends SubscribeSessionFixture {
  // ---- flow

  @Test
  void requests_areAskedForAsTheyAreAnswered() {
    TestPeer<SubscribeResponse> peer = opened();
    peer.ready(false);
    for (int i = 0; i < 100; i++) {
      peer.send(ping(i));
    }
    assertThat(peer.unsent()).isEqualTo(84);
    peer.ready(true);
    assertThat(peer.unsent()).isZero();
    assertThat(peer.requestedMost).isLessThanOrEqualTo(16);
    assertThat(peer.got).hasSize(101);
  }

  @Test
  void peerNotReady_isSentNothing() {
    TestPeer<SubscribeResponse> peer = opened(all(1));
    peer.ready(false);
    int before = peer.got.size();
    for (int i = 0; i < 50; i++) {
      publish("x", i);
      context.run();
    }
    assertThat(peer.got).hasSize(before);
    peer.ready(true);
    context.run();
    assertThat(readings(peer, 1)).isEqualTo(50);
    assertThat(deliveries(peer, 1)).as("gathered meanwhile").hasSize(1);
  }

  @Test
  void evictedTail_isReadFromTheLogAndTold() {
    with(Limits.defaults(), 400);
    TestPeer<SubscribeResponse> peer = opened(all(1));
    peer.ready(false);
    for (int i = 0; i < 50; i++) {
      publish("x", i);
    }
    context.run();
    peer.ready(true);
    context.run();
    assertThat(phases(peer))
        .containsExactly(Phase.PHASE_CAUGHT_UP, Phase.PHASE_FELL_BEHIND, Phase.PHASE_CAUGHT_UP);
    assertThat(readings(peer, 1)).isEqualTo(50);
  }

  // ---- ending

  @Test
  void halfClose_keepsDeliveringAndEndsWithTheLastSubscription() {
    Subscription.Builder three = all(1);
    three.getUntilBuilder().setCount(3);
    TestPeer<SubscribeResponse> peer = opened(three).halfClose();
    publish("x", 1, 2);
    context.run();
    assertThat(peer.finished).isFalse();
    publish("x", 3, 4);
    context.run();
    assertThat(readings(peer, 1)).isEqualTo(3);
    assertThat(ends(peer)).containsExactly(EndReason.END_REASON_UNTIL_REACHED);
    assertThat(peer.finished).isTrue();
    assertReleased(peer);
  }

  @Test
  void halfCloseInEveryState_ends() {
    TestPeer<SubscribeResponse> unopened = start().halfClose();
    assertThat(unopened.failure()).isEqualTo(ErrorCode.SESSION_NOT_OPEN);
    assertReleased(unopened);

    TestPeer<SubscribeResponse> idle = opened().halfClose();
    assertThat(idle.finished).isTrue();
    assertReleased(idle);

    TestPeer<SubscribeResponse> resolving = opened();
    Subscription.Builder now = all(1);
    now.getUntilBuilder().setNow(true);
    resolving.send(add(now)).halfClose();
    assertThat(resolving.finished).isFalse();
    context.run();
    assertThat(ends(resolving)).containsExactly(EndReason.END_REASON_UNTIL_REACHED);
    assertThat(resolving.finished).isTrue();
    assertReleased(resolving);

    TestPeer<SubscribeResponse> busy = opened();
    busy.ready(false);
    busy.send(ping(1)).halfClose();
    assertThat(busy.finished).as("an answer is due").isFalse();
    busy.ready(true);
    assertThat(busy.last().hasPong()).isTrue();
    assertThat(busy.finished).isTrue();
    assertReleased(busy);
  }

  @Test
  void cutInEveryState_releasesEverything() {
    with(Limits.defaults(), 400);
    assertReleased(start());
    assertReleased(opened());

    TestPeer<SubscribeResponse> resolving = opened();
    resolving.send(add(all(1)));
    assertReleased(resolving);

    TestPeer<SubscribeResponse> removed = opened();
    removed.send(add(all(1))).send(remove(1)).send(add(all(1)));
    context.run();
    assertThat(ends(removed)).containsExactly(EndReason.END_REASON_REMOVED);
    assertThat(phases(removed)).as("the second one").hasSize(1);
    assertReleased(removed);

    Subscription.Builder watched = all(1).setFormat(Format.FORMAT_ROWS);
    watched.getProgressIntervalBuilder().setSeconds(1);
    assertReleased(opened(watched));

    for (int i = 0; i < 50; i++) {
      publish("x", i);
    }
    TestPeer<SubscribeResponse> fetching = opened();
    fetching.send(add(all(1)));
    while (context.catchUp.size() == 0) {
      assertThat(context.loop.runOne() || context.control.runOne()).isTrue();
    }
    assertReleased(fetching);

    TestPeer<SubscribeResponse> refused = opened();
    context.catchUp.refuse(true);
    refused.send(add(all(1).setCredit(Credit.newBuilder().setReadings(1))));
    context.run();
    refused.close();
    context.catchUp.refuse(false);
    assertReleased(refused);

    TestPeer<SubscribeResponse> stopped = opened(all(1));
    stopped.end(Fault.of(ErrorCode.SHUTTING_DOWN, "stop"));
    stopped.end(Fault.of(ErrorCode.SHUTTING_DOWN, "again"));
    assertThat(stopped.failure()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    assertReleased(stopped);
  }

  @Test
  void everyTransition_isTaken() {
    cutInEveryState_releasesEverything();
    assertThat(SubscriptionLifecycle.TABLE.unvisited()).isEmpty();
  }
}
