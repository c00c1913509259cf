package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.GetTopicResponse;
import dev.weir.v1.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Unary calls whose answer takes its time. */
class UnaryCallTest {
  private static final GetTopicRequest REQUEST =
      GetTopicRequest.newBuilder().setName("some topic").build();
  private static final GetTopicResponse RESPONSE = GetTopicResponse.getDefaultInstance();
  private static final int BUDGET = 1 << 20;

  private final TestServerContext context =
      new TestServerContext(
          Limits.defaults()
              .with(Limit.CALL_DEADLINE_MS_MAX, 1_000)
              .with(Limit.REQUEST_BUDGET_BYTES, BUDGET)
              .with(Limit.UNSENT_BUDGET_BYTES, BUDGET));
  private final Budget requests = context.context.admission().requests();
  private final CompletableFuture<GetTopicResponse> work = new CompletableFuture<>();
  private int made;

  private TestPeer<GetTopicResponse> start() {
    return new TestPeer<>(
        context,
        GetTopicResponse.parser(),
        out ->
            new UnaryCall<>(
                context.context,
                context.loop,
                out,
                GetTopicRequest.parser(),
                (caller, asked) -> {
                  assertThat(asked).isEqualTo(REQUEST);
                  made++;
                  return work;
                }));
  }

  private TestPeer<GetTopicResponse> ask() {
    TestPeer<GetTopicResponse> peer = start().send(REQUEST).halfClose();
    assertThat(requests.used()).isEqualTo(REQUEST.getSerializedSize());
    return peer;
  }

  private void passTime() {
    context.loop.advance(Duration.ofSeconds(1).toNanos());
    while (context.loop.runOne()) {
      // the loop alone: the pool does not get on
    }
  }

  private void assertReleased(TestPeer<GetTopicResponse> peer) {
    context.run();
    peer.close();
    assertThat(requests.used()).isZero();
    assertThat(context.loop.timers()).isZero();
  }

  @Test
  void answer_isSentOnce_andNothingIsHeldBehindIt() {
    TestPeer<GetTopicResponse> peer = ask();
    context.run();
    assertThat(peer.ended()).isFalse();
    work.complete(RESPONSE);
    context.run();
    assertThat(peer.got).containsExactly(RESPONSE);
    assertThat(peer.finished).isTrue();
    assertReleased(peer);
  }

  @Test
  void timeOverInTheQueue_isDeadlineExceeded_andTheWorkIsNotBegun() {
    TestPeer<GetTopicResponse> peer = ask();
    passTime();
    assertThat(peer.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertReleased(peer);
    assertThat(made).isZero();
  }

  @Test
  void timeOverAtWork_isDeadlineExceeded_andTheWorkIsCancelled() {
    TestPeer<GetTopicResponse> peer = ask();
    context.run();
    passTime();
    assertThat(peer.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(work).isCancelled();
    assertReleased(peer);
  }

  @Test
  void callThatIsGone_isNotAnswered_andItsWorkIsCancelled() {
    TestPeer<GetTopicResponse> peer = ask();
    context.run();
    peer.close();
    assertThat(work).isCancelled();
    assertThat(peer.ended()).isFalse();
    assertReleased(peer);
  }

  @Test
  void callThatIsGoneInTheQueue_isNotBegun() {
    TestPeer<GetTopicResponse> peer = ask();
    peer.close();
    assertReleased(peer);
    assertThat(made).isZero();
    assertThat(peer.ended()).isFalse();
  }

  @Test
  void fullPool_isToldWithADelay() {
    context.control.refuse(true);
    TestPeer<GetTopicResponse> peer = start().send(REQUEST).halfClose();
    assertThat(peer.failure()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(peer.failed.retryDelay()).isPresent();
    assertReleased(peer);
  }

  @Test
  void refusalAndDefect_areTold() {
    TestPeer<GetTopicResponse> peer = ask();
    context.run();
    work.completeExceptionally(Fault.of(ErrorCode.TOPIC_NOT_FOUND, "none").exception());
    context.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
    assertReleased(peer);
  }

  @Test
  void badRequests_areRefused() {
    TestPeer<GetTopicResponse> garbage = start().send(new byte[] {10, 99}).halfClose();
    context.run();
    assertThat(garbage.failure()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    TestPeer<GetTopicResponse> odd =
        start().send(REQUEST.toBuilder().setUnknownFields(unknown).build());
    context.run();
    assertThat(odd.failure()).isEqualTo(ErrorCode.UNIMPLEMENTED);
    assertThat(start().halfClose().failure()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(start().send(REQUEST).send(REQUEST).failure()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertReleased(odd);
    assertThat(made).isZero();
  }

  @Test
  void budgetOfRequestsUsedUp_refusesOneMoreWithADelay() {
    requests.take(BUDGET);
    TestPeer<GetTopicResponse> peer = start().send(REQUEST).halfClose();
    assertThat(peer.failure()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(peer.failed.retryDelay()).isPresent();
    assertThat(peer.failed.message())
        .contains(BUDGET + " of " + BUDGET + " bytes (request_budget_bytes)");
    assertThat(requests.refusals()).isEqualTo(1);
    requests.giveBack(BUDGET);
    assertReleased(peer);
  }

  @Test
  void budgetOfWhatIsUnsentUsedUp_refusesLargeAnswersWithADelay_andGivesSmallOnes() {
    context.context.admission().unsent().take(BUDGET);
    TestPeer<GetTopicResponse> large = ask();
    context.run();
    Topic topic = Topic.newBuilder().setName("n".repeat(70_000)).build();
    work.complete(GetTopicResponse.newBuilder().setTopic(topic).build());
    context.run();
    assertThat(large.failure()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(large.failed.retryDelay()).isPresent();
    assertThat(context.context.admission().unsent().refusals()).isEqualTo(1);
    assertReleased(large);
    work.obtrudeValue(RESPONSE);
    TestPeer<GetTopicResponse> small = ask();
    context.run();
    assertThat(small.finished).isTrue();
    assertReleased(small);
  }

  @Test
  void stoppingServer_answersWhatWasAsked_andEndsTheRest() {
    Fault stopping = Fault.of(ErrorCode.SHUTTING_DOWN, "the server is stopping");
    TestPeer<GetTopicResponse> asked = ask();
    TestPeer<GetTopicResponse> silent = start();
    context.loop.run(() -> asked.session().settle(stopping));
    context.loop.run(() -> silent.session().settle(stopping));
    assertThat(silent.failure()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    work.complete(RESPONSE);
    context.run();
    assertThat(asked.finished).isTrue();
    assertReleased(asked);
  }

  @Test
  void shortAnswersThatWaitForABusyLoop_areBeyondTheBudgetAFewForEachConnection() {
    Budget unsent = context.context.admission().unsent();
    AtomicLong connection = new AtomicLong();
    List<TestPeer<GetTopicResponse>> peers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      TestPeer<GetTopicResponse> peer = start();
      peer.connection = connection;
      peers.add(peer.send(REQUEST).halfClose());
    }
    TestPeer<GetTopicResponse> other = start().send(REQUEST).halfClose();
    context.run();
    Topic shortOne = Topic.newBuilder().setName("t".repeat(20_000)).build();
    work.complete(GetTopicResponse.newBuilder().setTopic(shortOne).build()); // no loop runs
    assertThat(unsent.used()).isLessThan(BUDGET);
    context.run();
    assertThat(peers).filteredOn(peer -> peer.finished).hasSizeBetween(40, 50);
    assertThat(other.finished).isTrue();
    assertThat(connection).hasValue(0);
    peers.forEach(TestPeer::close);
    other.close();
    assertThat(unsent.used()).isZero();
  }

  @Test
  void answersThatWaitForABusyLoop_areCounted_andNoMoreAreKeptThanTheBudgetHas() {
    Budget unsent = context.context.admission().unsent();
    List<TestPeer<GetTopicResponse>> peers = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      peers.add(start().send(REQUEST).halfClose());
    }
    context.run();
    Topic large = Topic.newBuilder().setName("t".repeat(100_000)).build();
    work.complete(GetTopicResponse.newBuilder().setTopic(large).build()); // the loop does not run
    assertThat(unsent.used()).isBetween(BUDGET / 10 * 8L, (long) BUDGET);
    context.run();
    assertThat(peers).filteredOn(peer -> peer.finished).hasSizeBetween(8, 10);
    assertThat(peers)
        .filteredOn(peer -> !peer.finished)
        .allMatch(peer -> peer.failure() == ErrorCode.OVERLOADED);
    peers.forEach(TestPeer::close);
    assertThat(unsent.used()).isZero();
  }
}
