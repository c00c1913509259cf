package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.session.SessionDrainer;
import dev.weir.service.session.SessionWatchdog;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.GoingAway;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A drain over sessions of a fake log, on a clock of the test. */
class SessionDrainerTest extends PublishSessionFixture {
  private static final long MILLI = 1_000_000L;
  private static final Limits LIMITS =
      Limits.defaults()
          .with(Limit.DRAIN_MS, 4_000)
          .with(Limit.DRAIN_SESSIONS_PER_SECOND, 2)
          .with(Limit.SHUTDOWN_GRACE_MS, 1_000);

  private TestPeer<PublishStreamResponse> listening(String producer) {
    TestPeer<PublishStreamResponse> peer =
        start()
            .send(
                PublishStreamRequest.newBuilder()
                    .setOpen(
                        PublishOpen.newBuilder()
                            .setTopic("t")
                            .setProducer(producer)
                            .addFeatures("going_away"))
                    .build());
    context.run();
    return peer;
  }

  private static long nanos(com.google.protobuf.Duration duration) {
    return duration.getSeconds() * 1_000_000_000L + duration.getNanos();
  }

  private void advance(long millis) {
    context.run();
    context.world.moveClock(millis * MILLI);
    context.loop.advance(millis * MILLI);
    context.run();
    context.loop.advance(0); // what is due at once
    context.run();
  }

  @Test
  void sessions_areAskedToLeaveEachInItsOwnPartOfTheTime() {
    with(LIMITS, 1);
    List<TestPeer<PublishStreamResponse>> peers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      peers.add(listening("p" + i));
    }
    CompletableFuture<Void> left = new SessionDrainer(context.context).begin();
    context.run();
    int[] perHalfSecond = new int[8];
    for (TestPeer<PublishStreamResponse> peer : peers) {
      GoingAway told = peer.last().getGoingAway();
      long leave = nanos(told.getReconnectDelay());
      assertThat(told.getProblem().getReason()).isEqualTo("SHUTTING_DOWN");
      assertThat(nanos(told.getDeadline())).isEqualTo(leave + 500 * MILLI);
      perHalfSecond[(int) (leave / (500 * MILLI))]++;
    }
    assertThat(perHalfSecond).as("4 s for 8 sessions at 2 a second").containsOnly(1);

    peers.subList(1, 8).forEach(TestPeer::halfClose);
    context.run();
    assertThat(left).as("one is still there").isNotDone();
    peers.get(0).halfClose();
    context.run();
    assertThat(left).isDone();
    peers.forEach(peer -> assertThat(peer.finished).isTrue());
    peers.forEach(this::assertReleased);
  }

  @Test
  void sessionThatStays_isEndedAtItsDeadline_andOneThatDoesNotListenWhenItWasToLeave() {
    with(LIMITS, 1);
    TestPeer<PublishStreamResponse> stays = listening("a");
    CompletableFuture<Void> left = new SessionDrainer(context.context).begin();
    context.run();
    advance(nanos(stays.last().getGoingAway().getDeadline()) / MILLI - 1);
    assertThat(stays.failed).isNull();
    advance(2);
    assertThat(stays.failure()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    assertThat(left).isDone();

    with(LIMITS, 1);
    TestPeer<PublishStreamResponse> deaf = opened("b", 0);
    CompletableFuture<Void> deafLeft = new SessionDrainer(context.context).begin();
    advance(501);
    assertThat(deaf.failure()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    assertThat(deaf.got).as("told nothing").noneMatch(PublishStreamResponse::hasGoingAway);
    assertThat(deafLeft).isDone();
  }

  @Test
  void whatWasTaken_isAnsweredBeforeTheEnd() {
    with(LIMITS, 1);
    TestPeer<PublishStreamResponse> deaf = opened("b", 0);
    log.hold();
    deaf.send(rows(1, "s"));
    new SessionDrainer(context.context).begin();
    advance(501);
    assertThat(deaf.failed).as("its batch is not stored yet").isNull();
    deaf.send(rows(2, "s"));
    log.release();
    context.run();
    assertThat(deaf.last().getAck().getThroughSequence()).isEqualTo(1);
    assertThat(deaf.failure()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    assertReleased(deaf);
  }

  @Test
  void logThatDoesNotAnswer_holdsTheEndUpForTheGraceOnly() {
    with(LIMITS, 1);
    TestPeer<PublishStreamResponse> deaf = opened("b", 0);
    log.hold();
    deaf.send(rows(1, "s"));
    new SessionDrainer(context.context).begin();
    advance(501);
    assertThat(deaf.failed).isNull();
    advance(501);
    assertThat(deaf.failure()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    log.release();
    context.run();
    assertReleased(deaf);
  }

  @Test
  void newSession_isRefusedWithADelayBehindTheDrain() {
    with(LIMITS, 1);
    for (int i = 0; i < 8; i++) {
      listening("p" + i);
    }
    new SessionDrainer(context.context).begin();
    TestPeer<PublishStreamResponse> late = start();
    context.run();
    assertThat(late.failure()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    assertThat(late.failed.retryDelay().orElseThrow())
        .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));
  }

  @Test
  void emptyServer_isDrainedAtOnce() {
    assertThat(new SessionDrainer(context.context).begin()).isDone();
  }

  private void advanceAndWatch(SessionWatchdog watch, long millis) {
    advance(millis);
    watch.run();
    advance(0);
  }

  @Test
  void oldSession_isAskedToLeave_andEndsWhereItDoesNot() {
    with(LIMITS.with(Limit.SESSION_AGE_MS_MAX, 10_000), 1);
    SessionWatchdog watch = new SessionWatchdog(context.context);
    TestPeer<PublishStreamResponse> young = listening("a");
    TestPeer<PublishStreamResponse> deaf = opened("b", 0);
    advanceAndWatch(watch, 8_900);
    assertThat(young.got).noneMatch(PublishStreamResponse::hasGoingAway);
    advanceAndWatch(watch, 2_200);
    GoingAway told = young.last().getGoingAway();
    assertThat(told.getProblem().getReason()).isEqualTo("SESSION_TOO_OLD");
    assertThat(nanos(told.getReconnectDelay())).isZero();
    assertThat(deaf.failure()).isEqualTo(ErrorCode.SESSION_TOO_OLD);
    advanceAndWatch(watch, 400);
    assertThat(young.got)
        .as("told once")
        .filteredOn(PublishStreamResponse::hasGoingAway)
        .hasSize(1);
    advance(100);
    assertThat(young.failure()).isEqualTo(ErrorCode.SESSION_TOO_OLD);
    assertReleased(young);
  }

  @Test
  void drainOfASessionThatIsAboutToLeave_doesNotLetItStayLonger() {
    with(LIMITS.with(Limit.SESSION_AGE_MS_MAX, 10_000), 1);
    for (int i = 0; i < 7; i++) {
      listening("p" + i);
    }
    advanceAndWatch(new SessionWatchdog(context.context), 11_001);
    assertThat(new SessionDrainer(context.context).begin()).isNotDone();
    advance(500);
    assertThat(context.sessions.count()).isZero();
  }

  @Test
  void partsOfTheTime_coverAllOfIt() {
    long spread = 1_000_000;
    for (int sessions = 1; sessions < 300; sessions++) {
      for (int i = 0; i < sessions; i++) {
        long leave = SessionDrainer.leaveNanos(i, sessions, spread, new Random(i));
        assertThat(leave).isBetween(i * spread / sessions, (i + 1) * spread / sessions + 1);
      }
    }
  }
}
