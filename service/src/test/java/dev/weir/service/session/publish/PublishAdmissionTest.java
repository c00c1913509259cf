package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.SessionWatchdog;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.UploadBatch;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.UploadResponse;
import dev.weir.v1.Window;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What publishing sessions may hold and send, over a fake log. */
class PublishAdmissionTest extends PublishSessionFixture {
  private static final long SECOND = 1_000_000_000L;

  /** Messages of at most 64 KiB, and memory for four of them. */
  private static final Limits SMALL =
      Limits.defaults()
          .with(Limit.MESSAGE_BYTES_MAX, 1 << 16)
          .with(Limit.PUBLISH_WINDOW_BYTES, 1 << 17)
          .with(Limit.PUBLISH_BUDGET_BYTES, 1 << 18);

  private void advance(long nanos) {
    context.world.moveClock(nanos);
    context.loop.advance(nanos);
    context.run();
  }

  private long used() {
    return context.context.admission().unanswered().used();
  }

  @Test
  void window_shrinksAsTheBudgetIsUsed_andGrowsAgain_andIsTold() {
    with(SMALL, 1);
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    assertThat(peer.last().getOpened().getWindow().getBytes()).isEqualTo(1 << 17);
    context.context.admission().unanswered().take((1 << 18) - 100);
    peer.send(rows(1, "s"));
    context.run();
    Window shrunk = acks(peer).get(0).getWindow();
    assertThat(shrunk.getBytes()).as("one message always fits").isEqualTo(1 << 16);
    context.context.admission().unanswered().giveBack((1 << 18) - 100);
    peer.send(rows(2, "s"));
    context.run();
    assertThat(acks(peer).get(1).getWindow().getBytes()).isEqualTo(1 << 17);
    peer.send(rows(3, "s"));
    context.run();
    assertThat(acks(peer).get(2).hasWindow()).as("nothing new").isFalse();
    assertThat(used()).isZero();
    assertReleased(peer);
  }

  @Test
  void budgetOverrun_rejectsBatchesWithADelay_inOrder_andTheSessionGoesOn() {
    with(SMALL, 1);
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    context.context.admission().unanswered().take(1 << 19);
    peer.send(rows(1, "s"));
    context.run();
    assertThat(rejects(peer)).containsExactly("1 OVERLOADED 1");
    assertThat(peer.last().getReject().getProblem().hasRetryDelay()).isTrue();
    context.context.admission().unanswered().giveBack(1 << 19);
    peer.send(rows(2, "s")).send(rows(1, "s"));
    context.run();
    assertThat(rejects(peer)).containsExactly("1 OVERLOADED 1", "2 OUT_OF_SEQUENCE 1");
    assertThat(acks(peer)).hasSize(1);
    assertThat(used()).isZero();
    assertReleased(peer);
  }

  @Test
  void sessionThatEndsWithBatchesUnderWay_holdsNothingOnceTheyAreStored() {
    with(SMALL, 1);
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    log.hold();
    peer.send(rows(1, "s")).send(rows(2, "s"));
    context.run();
    assertThat(used()).isPositive();
    peer.close();
    assertThat(used()).isPositive();
    log.release();
    context.run();
    assertThat(used()).isZero();
    assertReleased(peer);
  }

  @Test
  void budgetNearlyUsed_refusesNewPublishers() {
    with(SMALL, 1);
    context.context.admission().unanswered().take((1 << 18) - 10);
    TestPeer<PublishStreamResponse> peer = start().send(open("a", 0));
    context.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(peer.failed.retryDelay()).isPresent();
    assertReleased(peer);
  }

  @Test
  void publisherOverItsQuota_isRejectedForThatTime_andNobodyElse() {
    with(Limits.defaults().with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 2), 1);
    TestPeer<PublishStreamResponse> greedy = named("greedy", "a");
    TestPeer<PublishStreamResponse> modest = named("modest", "b");
    for (int sequence = 1; sequence <= 5; sequence++) {
      greedy.send(rows(sequence, "s")); // two that were kept, and one that is owed
    }
    modest.send(rows(1, "s"));
    context.run();
    assertThat(rejects(greedy)).containsExactly("4 QUOTA_EXCEEDED 4", "5 QUOTA_EXCEEDED 4");
    assertThat(greedy.last().getReject().getProblem().getMessage())
        .contains("client_published_readings_per_second (2)")
        .doesNotContain("bytes");
    var delay = greedy.last().getReject().getProblem().getRetryDelay();
    assertThat(delay.getSeconds() * SECOND + delay.getNanos())
        .isBetween(Duration.ofMillis(100).toNanos(), Duration.ofMillis(500).toNanos());
    assertThat(rejects(modest)).isEmpty();
    advance(SECOND);
    greedy.send(rows(4, "s")).send(rows(5, "s"));
    context.run();
    assertThat(acks(greedy).get(acks(greedy).size() - 1).getThroughSequence()).isEqualTo(5);
  }

  // ---- quotas of unary calls and uploads

  private TestPeer<PublishResponse> unary(String producer, long sequence, long... values) {
    TestPeer<PublishResponse> peer =
        new TestPeer<>(
            context,
            PublishResponse.parser(),
            out -> new PublishCall(context.context, context.loop, out));
    peer.send(
        PublishRequest.newBuilder()
            .setTopic("t")
            .setProducer(producer)
            .setSequence(sequence)
            .setBatch(SampleBatches.rows("s", values))
            .build());
    context.run();
    return peer;
  }

  @Test
  void storedBatchRepeatedOverTheQuota_isADuplicate_andANewOneIsRefused() {
    with(Limits.defaults().with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 2), 1);
    assertThat(unary("a", 1, 1, 2, 3, 4).last().getDuplicate()).isFalse();
    TestPeer<PublishResponse> repeated = unary("a", 1, 1, 2, 3, 4);
    assertThat(repeated.failed).isNull();
    assertThat(repeated.last().getDuplicate()).isTrue();
    assertThat(repeated.last().getBindingsList()).hasSize(1);
    for (TestPeer<PublishResponse> fresh : List.of(unary("a", 2, 5), unary("", 0, 5))) {
      assertThat(fresh.failure()).isEqualTo(ErrorCode.QUOTA_EXCEEDED);
      assertThat(fresh.failed.retryDelay()).isPresent();
    }
    assertThat(unary("a", 4, 5).failure()).isEqualTo(ErrorCode.OUT_OF_SEQUENCE);
    advance(SECOND);
    assertThat(unary("a", 2, 5).last().getDuplicate()).isFalse();
    assertThat(log.records()).hasSize(2);
    assertThat(used()).isZero();
  }

  @Test
  void unaryCall_isChargedForItsMessage_notForWhatThatGrowsTo() {
    with(Limits.defaults().with(Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND, 1_000), 1);
    for (int sequence = 1; sequence <= 8; sequence++) {
      assertThat(unary("a", sequence, 1).failed).as("call %d", sequence).isNull();
    }
    assertThat(used()).isZero();
  }

  private TestPeer<UploadResponse> upload(int batches) {
    TestPeer<UploadResponse> peer =
        new TestPeer<>(
            context,
            UploadResponse.parser(),
            out -> new UploadCall(context.context, context.loop, out));
    peer.send(
        UploadRequest.newBuilder()
            .setOpen(UploadOpen.newBuilder().setTopic("t").setProducer("u"))
            .build());
    for (int i = 1; i <= batches; i++) {
      peer.send(
          UploadRequest.newBuilder()
              .setBatch(
                  UploadBatch.newBuilder().setSequence(i).setBatch(SampleBatches.rows("s", i)))
              .build());
    }
    context.run();
    return peer.halfClose();
  }

  @Test
  void uploadOverItsQuota_waits_holdsNothingMeanwhile_andRejectsNothing() {
    with(Limits.defaults().with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 2), 1);
    TestPeer<UploadResponse> peer = upload(9);
    assertThat(log.records()).as("two that were kept, and one that is owed").hasSize(3);
    assertThat(peer.requested).isZero();
    assertThat(used()).isZero();
    advance(SECOND / 2 - 1);
    assertThat(log.records()).hasSize(3);
    advance(1);
    assertThat(log.records()).hasSize(4);
    for (int i = 0; i < 5; i++) {
      advance(SECOND / 2);
    }
    assertThat(peer.finished).isTrue();
    assertThat(peer.last().getBatches()).isEqualTo(9);
    assertThat(peer.last().getRejected()).isZero();

    TestPeer<UploadResponse> repeated = upload(9);
    for (int i = 0; i < 10; i++) {
      advance(SECOND / 2);
    }
    assertThat(repeated.last().getDuplicates()).isEqualTo(9);
    assertThat(repeated.last().getRejected()).isZero();
    assertThat(log.records()).hasSize(9);
  }

  @Test
  void uploadThatEndsWhileItWaits_leavesNoTimer() {
    with(Limits.defaults().with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 2), 1);
    TestPeer<UploadResponse> peer = upload(9);
    peer.close();
    assertThat(context.loop.timers()).isZero();
    assertThat(used()).isZero();
  }

  @Test
  void uploadWithoutMemory_readsNoFurtherUntilThereIsSome() {
    with(SMALL, 1);
    TestPeer<UploadResponse> peer =
        new TestPeer<>(
            context,
            UploadResponse.parser(),
            out -> new UploadCall(context.context, context.loop, out));
    peer.send(UploadRequest.newBuilder().setOpen(UploadOpen.newBuilder().setTopic("t")).build());
    context.run();
    int ahead = peer.requested;
    context.context.admission().unanswered().take(1 << 19);
    for (int i = 1; i <= ahead + 2; i++) {
      peer.send(
          UploadRequest.newBuilder()
              .setBatch(UploadBatch.newBuilder().setBatch(SampleBatches.rows("s", i)))
              .build());
    }
    advance(SECOND);
    assertThat(peer.unsent()).as("but those that were asked for").isEqualTo(2);
    context.context.admission().unanswered().giveBack(1 << 19);
    advance(SECOND);
    assertThat(log.records()).hasSize(ahead + 2);
    assertThat(used()).isZero();
  }

  @Test
  void clientWithItsMostSessions_isRefusedOneMore_untilOneEnds() {
    with(Limits.defaults().with(Limit.CLIENT_SESSIONS_MAX, 1), 1);
    TestPeer<PublishStreamResponse> first = named("c", "a");
    TestPeer<PublishStreamResponse> second = named("c", "b");
    assertThat(second.failure()).isEqualTo(ErrorCode.QUOTA_EXCEEDED);
    assertThat(second.failed.retryDelay()).isPresent();
    second.close();
    first.close();
    context.run();
    assertThat(named("c", "b").last().hasOpened()).isTrue();
  }

  private TestPeer<PublishStreamResponse> named(String client, String producer) {
    TestPeer<PublishStreamResponse> peer =
        start()
            .send(
                PublishStreamRequest.newBuilder()
                    .setOpen(
                        PublishOpen.newBuilder()
                            .setTopic("t")
                            .setProducer(producer)
                            .setClient(client))
                    .build());
    context.run();
    return peer;
  }

  @Test
  void clientThatPings_andFallsSilent_isGoneAfterThreeIntervals() {
    with(Limits.defaults().with(Limit.PING_INTERVAL_MS, 1_000), 1);
    TestPeer<PublishStreamResponse> peer =
        start()
            .send(
                PublishStreamRequest.newBuilder()
                    .setOpen(PublishOpen.newBuilder().setTopic("t").addFeatures("ping"))
                    .build());
    context.run();
    assertThat(peer.last().getOpened().getPingInterval().getSeconds()).isEqualTo(1);
    for (int i = 0; i < 10; i++) {
      advance(SECOND);
      peer.send(ping(i));
    }
    advance(2 * SECOND);
    assertThat(peer.failed).isNull();
    advance(2 * SECOND);
    assertThat(peer.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertReleased(peer);
  }

  @Test
  void silenceWhileTheSessionDoesNotListen_doesNotCount() {
    with(
        Limits.defaults().with(Limit.PING_INTERVAL_MS, 1_000).with(Limit.PUBLISH_WINDOW_BATCHES, 1),
        1);
    TestPeer<PublishStreamResponse> peer =
        start()
            .send(
                PublishStreamRequest.newBuilder()
                    .setOpen(PublishOpen.newBuilder().setTopic("t").addFeatures("ping"))
                    .build());
    context.run();
    log.hold();
    peer.send(rows(1, "s")).send(ping(1));
    for (int i = 0; i < 10; i++) {
      advance(SECOND);
    }
    assertThat(peer.failed).as("its ping waits behind a batch").isNull();
    log.release();
    context.run();
    assertThat(peer.last().hasPong()).isTrue();
    for (int i = 0; i < 4; i++) {
      advance(SECOND);
    }
    assertThat(peer.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
  }

  @Test
  void messageThatComesSlowly_isNoSilence_untilNothingComesAnyMore() {
    with(Limits.defaults().with(Limit.PING_INTERVAL_MS, 1_000), 1);
    TestPeer<PublishStreamResponse> peer =
        start()
            .send(
                PublishStreamRequest.newBuilder()
                    .setOpen(PublishOpen.newBuilder().setTopic("t").addFeatures("ping"))
                    .build());
    context.run();
    long[] bytes = {0};
    peer.facts().watch(() -> 1, () -> bytes[0]);
    for (int i = 0; i < 10; i++) {
      bytes[0]++;
      advance(SECOND);
    }
    assertThat(peer.failed).isNull();
    advance(2 * SECOND);
    assertThat(peer.failed).isNull();
    advance(SECOND);
    assertThat(peer.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertReleased(peer);
  }

  @Test
  void messageThatDoesNotEnd_endsTheSession() {
    with(Limits.defaults().with(Limit.MESSAGE_TIMEOUT_MS, 1_000), 1);
    SessionWatchdog watch = new SessionWatchdog(context.context);
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    long[] part = {1};
    peer.facts().watch(() -> part[0], () -> 0);
    watch.run();
    advance(SECOND - 1);
    watch.run();
    context.run();
    assertThat(peer.failed).isNull();
    part[0] = 2;
    advance(SECOND);
    watch.run();
    context.run();
    assertThat(peer.failed).as("another message").isNull();
    advance(SECOND);
    watch.run();
    context.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertReleased(peer);
  }
}
