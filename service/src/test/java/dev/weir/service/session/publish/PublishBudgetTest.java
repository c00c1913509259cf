package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.SessionHandler;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.UploadBatch;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.UploadResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What of the memory for publishers is taken, whatever becomes of their calls. */
class PublishBudgetTest extends PublishSessionFixture {
  private static final int BUDGET = 1 << 18;
  private static final int MESSAGE_BYTES = 30_000;
  private static final int CALLS = 40;

  @BeforeEach
  void smallBudget() {
    with(
        Limits.defaults()
            .with(Limit.MESSAGE_BYTES_MAX, 1 << 16)
            .with(Limit.PUBLISH_WINDOW_BYTES, 1 << 17)
            .with(Limit.PUBLISH_BUDGET_BYTES, BUDGET),
        1);
  }

  private long used() {
    return context.context.admission().unanswered().used();
  }

  private long refusals() {
    return context.context.admission().unanswered().refusals();
  }

  private static Batch text(int bytes) {
    return Batch.newBuilder()
        .addRows(Reading.newBuilder().setSensor("text").setText("t".repeat(bytes)))
        .build();
  }

  private <T extends MessageLite> TestPeer<T> call(
      Parser<T> parser, Function<TestPeer<T>, SessionHandler> session) {
    return new TestPeer<>(context, parser, session);
  }

  private TestPeer<PublishResponse> unary() {
    return unary(text(MESSAGE_BYTES));
  }

  private TestPeer<PublishResponse> unary(Batch batch) {
    return call(
            PublishResponse.parser(), out -> new PublishCall(context.context, context.loop, out))
        .send(PublishRequest.newBuilder().setTopic("t").setBatch(batch).build());
  }

  private TestPeer<UploadResponse> upload(int batches) {
    return upload(batches, text(MESSAGE_BYTES));
  }

  private TestPeer<UploadResponse> upload(int batches, Batch batch) {
    TestPeer<UploadResponse> peer =
        call(UploadResponse.parser(), out -> new UploadCall(context.context, context.loop, out))
            .send(
                UploadRequest.newBuilder().setOpen(UploadOpen.newBuilder().setTopic("t")).build());
    for (int i = 0; i < batches; i++) {
      peer.send(
          UploadRequest.newBuilder().setBatch(UploadBatch.newBuilder().setBatch(batch)).build());
    }
    return peer;
  }

  private TestPeer<PublishStreamResponse> session(String producer, int batches) {
    TestPeer<PublishStreamResponse> peer = opened(producer, 0);
    for (int i = 1; i <= batches; i++) {
      peer.send(batch(i, text(MESSAGE_BYTES)));
    }
    return peer;
  }

  // ---- a sync that hangs

  @Test
  void callsCancelledWhileASyncHangs_keepTheirMemory_untilTheWriterAnswers() {
    log.hold();
    List<ErrorCode> refused = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      TestPeer<PublishResponse> peer = unary();
      context.run();
      if (peer.failed != null) {
        refused.add(peer.failure());
      }
      peer.close();
    }
    assertThat(refused).as("the others").hasSizeGreaterThan(CALLS / 2);
    assertThat(refused).containsOnly(ErrorCode.OVERLOADED);
    assertThat(refusals()).isEqualTo(refused.size());
    assertThat(used()).isBetween(BUDGET - 2L * MESSAGE_BYTES, (long) BUDGET);
    log.release();
    context.run();
    assertThat(used()).isZero();
    assertThat(log.records()).hasSize(CALLS - refused.size());
    TestPeer<PublishResponse> next = unary();
    context.run();
    assertThat(next.finished).isTrue();
    assertThat(used()).isZero();
  }

  @Test
  void batchesBeyondTheBudget_countOneRefusalEach_andStoredOnesNone() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    peer.send(batch(1, text(10)));
    context.run();
    context.context.admission().unanswered().take(BUDGET);
    peer.send(batch(1, text(10)));
    context.run();
    assertThat(rejects(peer)).isEmpty();
    assertThat(refusals()).isZero();
    peer.send(batch(2, text(10))).send(batch(3, text(MESSAGE_BYTES)));
    context.run();
    assertThat(rejects(peer)).containsExactly("2 OVERLOADED 2", "3 OVERLOADED 2");
    assertThat(refusals()).isEqualTo(2);
  }

  @Test
  void callsWhoseTimeIsOverWhileASyncHangs_keepTheirMemoryToo() {
    log.hold();
    TestPeer<PublishResponse> peer = unary();
    context.run();
    context.loop.advance(context.context.limits().get(Limit.CALL_DEADLINE_MS_MAX) * 1_000_000);
    context.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    peer.close();
    assertThat(used()).isGreaterThan(MESSAGE_BYTES);
    log.release();
    context.run();
    assertThat(used()).isZero();
  }

  @Test
  void sessionsCancelledWhileASyncHangs_keepTheirMemory_untilTheWriterAnswers() {
    List<TestPeer<PublishStreamResponse>> peers = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      peers.add(opened("p" + i, 0));
    }
    log.hold();
    for (TestPeer<PublishStreamResponse> peer : peers) {
      peer.send(batch(1, text(MESSAGE_BYTES))).send(batch(2, text(MESSAGE_BYTES)));
      context.run();
      peer.close();
      context.run();
    }
    assertThat(used()).isBetween(BUDGET - 2L * MESSAGE_BYTES, BUDGET + 2L * MESSAGE_BYTES);
    TestPeer<PublishStreamResponse> late = start().send(open("late", 0));
    context.run();
    assertThat(late.failure()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(late.failed.message()).contains("of " + BUDGET + " bytes", "publish_budget_bytes");
    long before = refusals();
    TestPeer<UploadResponse> upload = upload(0);
    context.run();
    assertThat(upload.failure()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(refusals()).isEqualTo(before + 1);
    log.release();
    context.run();
    assertThat(used()).isZero();
    session("late", 1);
    context.run();
    assertThat(used()).isZero();
  }

  @Test
  void uploadsCancelledWhileASyncHangs_keepTheirMemory_untilTheWriterAnswers() {
    log.hold();
    TestPeer<UploadResponse> peer = upload(2);
    context.run();
    peer.close();
    context.run();
    assertThat(used()).isGreaterThan(2 * MESSAGE_BYTES);
    log.release();
    context.run();
    assertThat(used()).isZero();
    assertThat(log.records()).hasSize(2);
  }

  @Test
  void compactBatchThatIsConverted_countsWithWhatItGrowsTo() {
    int readings = 4_000;
    Columns.Builder columns =
        Columns.newBuilder().setCount(readings).setTimeBase(1).setTimeStep(1).addSensorRefs(0);
    for (int i = 0; i < readings; i++) {
      columns.addBooleans(true);
    }
    Batch compact =
        Batch.newBuilder()
            .addSensors(SampleBatches.sensor("b", Kind.KIND_BOOLEAN))
            .addColumns(columns)
            .build();
    TestPeer<PublishStreamResponse> session = opened("a", 0);
    log.hold();
    session.send(batch(1, compact));
    context.run();
    long first = used();
    assertThat(first).isGreaterThan(16L * readings);
    TestPeer<PublishResponse> unary = unary(compact);
    context.run();
    assertThat(used()).isGreaterThan(first + 16L * readings);
    TestPeer<UploadResponse> upload = upload(1, compact);
    context.run();
    assertThat(used()).isGreaterThan(first + 32L * readings);
    session.close();
    unary.close();
    log.release();
    context.run();
    assertThat(used()).isZero();
    upload.halfClose();
    context.run();
    assertThat(upload.last().getReadings()).isEqualTo(readings);
  }

  @Test
  void definitionsOfACancelledSession_keepTheirMemory_untilTheWriterAnswers() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    log.hold();
    peer.send(define("x", "y"));
    context.run();
    long held = used();
    assertThat(held).isPositive();
    peer.close();
    assertThat(used()).isEqualTo(held);
    log.release();
    context.run();
    assertThat(used()).isZero();
  }

  @Test
  void definitionsUnderWay_countWithWhatTheyTakeWhenParsed_andNextOnesAreRefused() {
    String[] names = new String[4_096];
    Arrays.setAll(names, i -> "s" + i);
    TestPeer<PublishStreamResponse> first = opened("a", 0);
    TestPeer<PublishStreamResponse> second = opened("b", 0);
    TestPeer<PublishStreamResponse> third = opened("c", 0);
    log.hold();
    first.send(define("x"));
    context.run();
    assertThat(used()).as("a small one").isGreaterThan(100);
    first.send(define(names));
    context.run();
    long held = used();
    assertThat(held).isGreaterThan(100L * names.length);
    second.send(define(names));
    context.run();
    assertThat(second.got).hasSize(2);
    assertThat(second.last().getRefused().getProblem().getReason()).isEqualTo("OVERLOADED");
    assertThat(second.last().getRefused().getProblem().getMessage())
        .contains("publish_budget_bytes");
    assertThat(refusals()).isEqualTo(1);
    assertThat(used()).isEqualTo(held);
    first.close();
    assertThat(used()).isEqualTo(held);
    log.release();
    context.run();
    assertThat(used()).isZero();
    third.send(define(names));
    context.run();
    assertThat(third.last().getDefined().getBindingsCount()).isEqualTo(names.length);
    assertThat(used()).isZero();
  }

  @Test
  void unknownOutcome_givesTheMemoryBack() {
    TestPeer<PublishStreamResponse> session = opened("a", 0);
    log.end(FakeLog.End.UNKNOWN_LOST);
    unary();
    upload(2);
    session.send(batch(1, text(MESSAGE_BYTES))).send(define("x"));
    context.run();
    assertThat(rejects(session)).containsExactly("1 PARTITION_UNAVAILABLE 1");
    assertThat(used()).isZero();
  }

  // ---- a pool that is busy

  @Test
  void messagesOfCancelledCalls_keepTheirMemory_untilThePoolDropsThem() {
    TestPeer<PublishResponse> unary = unary();
    unary.close();
    assertThat(used()).isGreaterThan(MESSAGE_BYTES);
    context.run();
    assertThat(used()).isZero();

    TestPeer<UploadResponse> upload = upload(2);
    upload.close();
    assertThat(used()).as("the other one is dropped").isBetween(30_000L, 31_000L);
    context.run();
    assertThat(used()).isZero();

    TestPeer<PublishStreamResponse> session = session("a", 2);
    session.close();
    assertThat(used()).as("the other one is dropped").isBetween(30_000L, 31_000L);
    assertThat(context.control.size()).isEqualTo(1);
    assertThat(context.control.runOne()).isTrue();
    context.run();
    assertThat(used()).isZero();
    assertThat(log.records()).as("nothing of them but an epoch").hasSize(1);
  }

  @Test
  void fullPool_keepsNothing() {
    TestPeer<PublishStreamResponse> session = opened("a", 0);
    context.control.refuse(true);
    TestPeer<PublishResponse> unary = unary();
    assertThat(unary.failure()).isEqualTo(ErrorCode.OVERLOADED);
    session.send(batch(1, text(MESSAGE_BYTES)));
    upload(1);
    context.control.refuse(false);
    context.run();
    assertThat(used()).isZero();
  }

  // ---- peers that do not read

  @Test
  void publishersThatNeverReadTheirAcks_holdNobodyUp() {
    List<TestPeer<PublishStreamResponse>> silent = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      TestPeer<PublishStreamResponse> peer = opened("silent" + i, 0);
      peer.ready(false);
      for (int sequence = 1; sequence <= 10; sequence++) {
        peer.send(batch(sequence, text(MESSAGE_BYTES)));
        context.run();
      }
      assertThat(peer.unsent()).as("beyond its window").isPositive();
      silent.add(peer);
    }
    assertThat(used()).as("some bindings").isLessThan(BUDGET / 20);
    TestPeer<PublishStreamResponse> other = session("other", 3);
    context.run();
    assertThat(rejects(other)).isEmpty();
    assertThat(acks(other).get(acks(other).size() - 1).getThroughSequence()).isEqualTo(3);
    silent.get(0).ready(true);
    context.run();
    assertThat(acks(silent.get(0)).get(acks(silent.get(0)).size() - 1).getThroughSequence())
        .as("it may go on")
        .isEqualTo(10);
    silent.forEach(TestPeer::close);
    other.close();
    context.run();
    assertThat(used()).isZero();
  }

  @Test
  void answersThatAreNotRead_takeMemory_untilTheyAre() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    peer.ready(false);
    String path = "a/".repeat(200);
    peer.send(define(path + "x", path + "y"));
    context.run();
    long defined = used();
    assertThat(defined).isBetween(800L, 1_000L);
    peer.send(batch(7, SampleBatches.rows("x", 1)));
    context.run();
    assertThat(used()).as("a reject").isGreaterThan(defined);
    peer.ready(true);
    context.run();
    assertThat(peer.got).anyMatch(PublishStreamResponse::hasDefined);
    assertThat(rejects(peer)).hasSize(1);
    assertThat(used()).isZero();

    peer.ready(false);
    peer.send(ping(1));
    context.run();
    assertThat(used()).isPositive();
    peer.end(Fault.of(ErrorCode.SHUTTING_DOWN, "stop"));
    assertThat(used()).isZero();
    assertReleased(peer);
  }

  private void advance(Duration time) {
    context.world.moveClock(time.toNanos());
    context.loop.advance(time.toNanos());
    context.run();
  }

  @Test
  void publisherThatTakesNoAnswer_ends_andGivesItsMemoryBack() {
    Duration longest = Duration.ofMillis(context.context.limits().get(Limit.ANSWER_TIMEOUT_MS));
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    advance(longest.multipliedBy(2));
    peer.ready(false);
    peer.send(define("x")).send(rows(1, "x"));
    context.run();
    advance(longest.minusNanos(1));
    assertThat(peer.failed).isNull();
    assertThat(used()).isPositive();
    advance(Duration.ofNanos(1));
    assertThat(peer.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(used()).isZero();
    assertThat(context.loop.timers()).isZero();
    assertReleased(peer);
  }

  @Test
  void publisherThatTakesItsAnswersSlowly_goesOn() {
    Duration longest = Duration.ofMillis(context.context.limits().get(Limit.ANSWER_TIMEOUT_MS));
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    peer.onSent(() -> peer.ready(false));
    for (int i = 0; i < 9; i++) {
      peer.send(ping(i));
    }
    context.run();
    for (int i = 0; i < 8; i++) {
      advance(longest.minusNanos(1));
      peer.ready(true);
    }
    assertThat(peer.failed).isNull();
    assertThat(peer.got).hasSize(10);
    advance(longest.multipliedBy(2));
    assertThat(peer.failed).as("nothing is left to take").isNull();
    assertThat(context.loop.timers()).isZero();
  }

  @Test
  void definitions_areTaken_whateverUnaryCallsHold() {
    Budget requests = context.context.admission().requests();
    requests.take(requests.max());
    String[] names = new String[200];
    Arrays.setAll(names, i -> "sensor-" + i);
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    peer.send(define(names));
    context.run();
    assertThat(peer.got.get(peer.got.size() - 1).getDefined().getBindingsCount()).isEqualTo(200);
    assertThat(context.context.admission().streamRequests().used()).isZero();
  }
}
