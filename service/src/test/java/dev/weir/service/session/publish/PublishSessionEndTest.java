package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.state.PublishLifecycle;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Ack;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How publishing sessions end. */
class PublishSessionEndTest extends PublishSessionFixture {
  @Test
  void halfClose_acksEverythingThenEnds() {
    TestPeer<PublishStreamResponse> peer = opened("left", 0);
    for (int i = 1; i <= 200; i++) {
      peer.send(rows(i, "x"));
    }
    peer.send(rows(500, "x")).send(define("z")).halfClose();
    context.run();
    assertThat(peer.finished).isTrue();
    assertThat(acks(peer)).extracting(Ack::getThroughSequence).last().isEqualTo(200L);
    assertThat(rejects(peer)).containsExactly("500 OUT_OF_SEQUENCE 201");
    assertThat(peer.got).anyMatch(PublishStreamResponse::hasDefined);
    assertReleased(peer);
  }

  @Test
  void halfCloseInsideARequest_losesNoAck() {
    with(Limits.defaults().with(Limit.PUBLISH_WINDOW_BATCHES, 1), 1);
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    PublishStreamRequest.Builder elsewhere = rows(2, "x").toBuilder();
    elsewhere.getBatchBuilder().setPartition(7);
    peer.send(rows(1, "x")).send(elsewhere.build()).halfClose();
    context.run();
    assertThat(peer.finished).isTrue();
    assertThat(acks(peer)).hasSize(1);
    assertThat(rejects(peer)).hasSize(1);
  }

  @Test
  void halfCloseInEveryState_ends() {
    TestPeer<PublishStreamResponse> unopened = start().halfClose();
    assertThat(unopened.failure()).isEqualTo(ErrorCode.SESSION_NOT_OPEN);
    assertReleased(unopened);

    TestPeer<PublishStreamResponse> opening = start().send(open("left", 0)).halfClose();
    context.run();
    assertThat(opening.last().hasOpened()).isTrue();
    assertThat(opening.finished).isTrue();
    assertReleased(opening);

    TestPeer<PublishStreamResponse> idle = opened("left", 0).halfClose();
    assertThat(idle.finished).isTrue();
    assertReleased(idle);

    TestPeer<PublishStreamResponse> refused = start().send(ping(0)).halfClose();
    assertThat(refused.failure()).isEqualTo(ErrorCode.SESSION_NOT_OPEN);
    assertReleased(refused);
  }

  @Test
  void cutInEveryState_releasesEverything() {
    assertReleased(start());

    assertReleased(start().send(open("left", 0)));

    TestPeer<PublishStreamResponse> creating = start();
    PublishStreamRequest.Builder open = open("left", 0).toBuilder();
    open.getOpenBuilder().setTopic("other");
    creating.send(open.build());
    creating.close();
    context.run();
    assertThat(context.sessions.count()).isZero();

    TestPeer<PublishStreamResponse> claiming = start().send(open("left", 7));
    log.hold();
    context.run();
    claiming.close();
    log.release();
    assertReleased(claiming);

    TestPeer<PublishStreamResponse> busy = opened("left", 0).send(rows(1, "x")).send(rows(2, "y"));
    assertReleased(busy);
    assertThat(acks(busy)).as("nothing is said to nobody").isEmpty();

    TestPeer<PublishStreamResponse> draining = opened("left", 0);
    log.hold();
    draining.send(rows(2, "x")).halfClose();
    context.run();
    draining.close();
    log.release();
    assertReleased(draining);

    TestPeer<PublishStreamResponse> stopped = opened("left", 0);
    stopped.end(Fault.of(ErrorCode.SHUTTING_DOWN, "stop"));
    stopped.end(Fault.of(ErrorCode.SHUTTING_DOWN, "stop again"));
    assertThat(stopped.failure()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    assertReleased(stopped);
    assertThat(context.loop.timers()).isZero();
  }

  @Test
  void everyTransition_isTaken() {
    halfCloseInEveryState_ends();
    cutInEveryState_releasesEverything();
    assertThat(PublishLifecycle.TABLE.unvisited()).isEmpty();
  }

  @Test
  void supersededSession_isToldWhatWasTakenAndThenWhy() {
    TestPeer<PublishStreamResponse> old = opened("a", 0);
    log.hold();
    old.send(rows(1, "x"));
    context.run();
    TestPeer<PublishStreamResponse> young = start().send(open("a", 1));
    old.send(rows(2, "x"));
    context.run();
    log.release();
    context.run();
    assertThat(acks(old)).hasSize(1);
    assertThat(rejects(old)).containsExactly("2 REPLACED 2");
    assertThat(old.failure()).isEqualTo(ErrorCode.REPLACED);
    assertThat(young.last().getOpened().getLastSequences(0).getLastSequence()).isEqualTo(1);
    old.close();
    context.run();
    young.send(rows(2, "x"));
    context.run();
    assertThat(acks(young)).as("the older one's leave is not the newer one's").hasSize(1);

    TestPeer<PublishStreamResponse> fencing = opened("a", 0);
    assertThat(fencing.last().getOpened().getEpoch()).isEqualTo(2);
    assertThat(young.failure()).isEqualTo(ErrorCode.PRODUCER_FENCED);
  }

  @Test
  void supersededSessionThatTakesNothing_endsInTime() {
    TestPeer<PublishStreamResponse> old = opened("a", 0);
    old.ready(false);
    old.send(rows(1, "x"));
    context.run();
    opened("a", 1);
    context.run();
    assertThat(old.ended()).isFalse();
    context.loop.advance(Duration.ofSeconds(10).toNanos());
    context.run();
    assertThat(old.failure()).isEqualTo(ErrorCode.REPLACED);
  }

  @Test
  void sessionSupersededWhileItOpens_isOpenedAndThenToldWhy() {
    with(Limits.defaults(), 2);
    context.world.log(topic, 1).hold();
    TestPeer<PublishStreamResponse> old = start().send(open("a", 1));
    context.run();
    TestPeer<PublishStreamResponse> young = start().send(open("a", 1));
    context.run();
    assertThat(old.ended()).as("a partition has not answered").isFalse();
    context.world.log(topic, 1).release();
    context.run();
    assertThat(old.got).hasSize(1);
    assertThat(old.failure()).isEqualTo(ErrorCode.REPLACED);
    assertThat(young.last().hasOpened()).isTrue();
  }

  @Test
  void deletedTopic_endsTheSession() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    TestPeer<PublishStreamResponse> gone = opened("b", 0);
    gone.close();
    peer.send(rows(1, "x"));
    context.run();
    context.world.topics().delete("t");
    assertThat(peer.ended()).as("told on its loop").isFalse();
    context.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    assertThat(acks(peer)).hasSize(1);
    assertThat(gone.ended()).isFalse();
    assertThat(context.sessions.count()).isZero();
    assertThat(context.loop.timers()).isZero();
  }

  @Test
  void topicDeletedWhileItIsOpened_endsTheSession() {
    TestPeer<PublishStreamResponse> peer = start().send(open("a", 0));
    log.hold();
    context.run();
    context.world.topics().delete("t");
    log.release();
    context.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    assertThat(context.sessions.count()).isZero();
  }
}
