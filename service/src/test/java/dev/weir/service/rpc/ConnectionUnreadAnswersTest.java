package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.partition.TestLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionUnreadAnswersTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final TestLoop loop = new TestLoop();
  private static final int PAGE_BYTES = 1 << 20;

  /** A page, and 1,024 short answers. */
  private static final int LEAST_BYTES = PAGE_BYTES + 1_024 * ConnectionUnreadAnswers.CALL_BYTES;

  private final Budget unsent = new Budget("unsent_budget_bytes", 16 << 20);
  private final ConnectionUnreadAnswers.Bounds bounds = bounds(unsent);
  private final ConnectionUnreadAnswers.Slices slices = new ConnectionUnreadAnswers.Slices();
  private final List<ConnectionUnreadAnswers.CallAnswers> took = new ArrayList<>();
  private final List<Integer> reset = new ArrayList<>();
  private final ConnectionUnreadAnswers connection =
      new ConnectionUnreadAnswers(bounds, slices, loop, reset::addAll);

  private ConnectionUnreadAnswers.Bounds bounds(Budget budget) {
    return new ConnectionUnreadAnswers.Bounds(
        budget, loop::nowNanos, TIMEOUT.toNanos(), PAGE_BYTES, Duration.ofMillis(500));
  }

  private int fill(ConnectionUnreadAnswers connection, int bytes) {
    int taken = 0;
    took.clear();
    while (connection.full(bytes).isEmpty() && taken < 100_000) {
      took.add(connection.add(2 * taken + 1, bytes));
      taken++;
    }
    return taken;
  }

  @Test
  void connectionThatReadsNothing_getsItsShare_andIsToldWhy() {
    int taken = fill(connection, 12_000);
    assertThat(taken * 16_096L).isBetween(LEAST_BYTES - 20_000L, LEAST_BYTES + 5_000L);
    assertThat(connection.full(100_000))
        .hasValueSatisfying(
            fault -> {
              assertThat(fault.code()).isEqualTo(ErrorCode.OVERLOADED);
              assertThat(fault.message()).contains("unsent_budget_bytes");
              assertThat(fault.retryDelay()).isPresent();
            });
    assertThat(unsent.refusals()).isPositive();
  }

  @Test
  void parallelCallsOfOneThatReads_areAnswered_onASmallHeap() {
    ConnectionUnreadAnswers honest =
        new ConnectionUnreadAnswers(bounds, slices, loop, reset::addAll);
    honest.add(1, PAGE_BYTES);
    assertThat(honest.full(PAGE_BYTES)).as("the next page").isEmpty();
    for (int call = 0; call < 1_000; call++) { // a round of publishes
      assertThat(connection.full(20)).as("call %d", call).isEmpty();
      connection.add(2 * call + 1, 20);
    }
    assertThat(unsent.refusals()).isZero();
  }

  @Test
  void connectionOfALargeServer_getsAnEighthOfWhatIsFree() {
    Budget large = new Budget("unsent_budget_bytes", 512 << 20);
    int taken =
        fill(new ConnectionUnreadAnswers(bounds(large), slices, loop, reset::addAll), 100_000);
    assertThat(taken * 104_096L).isBetween(27L << 20, 32L << 20);
  }

  @Test
  void whatIsGivenLater_countsToo_andItsTimeBeganWithTheFirst() {
    CallUnreadAnswers reader = new CallUnreadAnswers(connection, 7);
    reader.answered(100);
    loop.advance(Duration.ofSeconds(59).toNanos());
    reader.answered(200);
    assertThat(bounds.held().get()).isEqualTo(300 + ConnectionUnreadAnswers.CALL_BYTES);
    assertThat(unsent.used()).isEqualTo(ConnectionUnreadAnswers.CALL_BYTES);
    loop.advance(Duration.ofSeconds(1).toNanos());
    runAll();
    assertThat(reset).containsExactly(7);
    reader.answered(400);
    reader.over();
    assertThat(bounds.held().get()).isZero();
    assertThat(unsent.used()).isZero();
  }

  @Test
  void whatIsReadInTime_hasANewTimeWithTheNext() {
    CallUnreadAnswers reader = new CallUnreadAnswers(connection, 7);
    reader.answered(100);
    loop.advance(Duration.ofSeconds(59).toNanos());
    reader.taken();
    reader.answered(100);
    loop.advance(Duration.ofSeconds(59).toNanos());
    runAll();
    assertThat(reset).isEmpty();
    loop.advance(Duration.ofSeconds(2).toNanos());
    runAll();
    assertThat(reset).containsExactly(7);
    assertThat(bounds.held().get()).isZero();
  }

  @Test
  void manyThatReadNothing_leaveRoomForTheFirstAnswerOfAnother() {
    for (int i = 0; i < 300; i++) {
      fill(new ConnectionUnreadAnswers(bounds, slices, loop, reset::addAll), 12_000);
    }
    assertThat(bounds.held().get()).isLessThanOrEqualTo((11 << 20) + 300 * 16_096L);
    assertThat(connection.full(ConnectionUnreadAnswers.SHORT_BYTES))
        .as("one that holds nothing")
        .isEmpty();
  }

  @Test
  void manyThatReadNothing_leaveRoomForAShortRoundOfOneThatReads() {
    for (int i = 0; i < 300; i++) {
      fill(new ConnectionUnreadAnswers(bounds, slices, loop, reset::addAll), 1_000);
    }

    assertThat(fill(connection, 1_000)).as("before it has read any").isLessThan(8);

    took.forEach(ConnectionUnreadAnswers.CallAnswers::over);
    assertThat(fill(connection, 1_000)).as("when it has cancelled some").isLessThan(8);

    took.forEach(ConnectionUnreadAnswers.CallAnswers::read);
    assertThat(fill(connection, 1_000)).as("when it has read some").isGreaterThan(40);

    loop.advance(ConnectionUnreadAnswers.MOMENT_NANOS + 1);
    assertThat(connection.full(1_000)).as("a moment later").isPresent();
    assertThat(connection.isLeft()).isTrue();
  }

  @Test
  void callThatIsOver_isReadOnlyIfItsAnswerWasTaken() {
    for (int i = 0; i < 300; i++) {
      fill(new ConnectionUnreadAnswers(bounds, slices, loop, reset::addAll), 1_000);
    }
    CallUnreadAnswers cancelled = new CallUnreadAnswers(connection, 1);
    cancelled.answered(100);
    cancelled.over();
    connection.add(3, 100);
    assertThat(connection.full(ConnectionUnreadAnswers.SHORT_BYTES)).isPresent();

    CallUnreadAnswers complete = new CallUnreadAnswers(connection, 5);
    complete.answered(100);
    complete.taken();
    complete.over();
    assertThat(connection.full(ConnectionUnreadAnswers.SHORT_BYTES)).isEmpty();
  }

  @Test
  void whoIsRefused_isToldAShareThatIsNotNegative() {
    for (int i = 0; i < 2_000; i++) {
      connectionThatHolds(ConnectionUnreadAnswers.SHORT_BYTES);
    }
    connection.add(1, 100);
    assertThat(connection.full(100).orElseThrow().message()).contains("its share is 0 of");
    assertThat(
            new ConnectionUnreadAnswers(bounds, slices, loop, reset::addAll)
                .full(ConnectionUnreadAnswers.SHORT_BYTES + 1))
        .as("a long first answer")
        .isPresent();
  }

  @Test
  void whoReads_mayHoldAShortAnswersBytes_howeverMuchOthersHold() {
    for (int i = 0; i < 2_000; i++) {
      connectionThatHolds(ConnectionUnreadAnswers.SHORT_BYTES);
    }
    ConnectionUnreadAnswers.CallAnswers one = connection.add(1, 100);
    connection.add(3, 100);
    assertThat(connection.full(100)).as("before it has read any").isPresent();
    one.read();
    assertThat(fill(connection, 1_000)).isEqualTo(6); // of 5,096 bytes, beside 4,196

    loop.advance(ConnectionUnreadAnswers.MOMENT_NANOS + 1);
    assertThat(connection.full(100)).as("a moment later").isPresent();
  }

  private void connectionThatHolds(int bytes) {
    ConnectionUnreadAnswers its = new ConnectionUnreadAnswers(bounds, slices, loop, reset::addAll);
    assertThat(its.full(bytes)).as("a short first answer").isEmpty();
    its.add(1, bytes);
  }

  @Test
  void oneThatHoldsLittle_orForAMoment_leavesNothing() {
    connection.add(1, 100);
    loop.advance(ConnectionUnreadAnswers.MOMENT_NANOS + 1);
    assertThat(connection.isLeft()).as("a short answer").isFalse();
    fill(connection, 12_000);
    assertThat(connection.isLeft()).as("much, one of it for long").isTrue();
    ConnectionUnreadAnswers busy = new ConnectionUnreadAnswers(bounds, slices, loop, reset::addAll);
    fill(busy, 12_000);
    assertThat(busy.isLeft()).as("much, just now").isFalse();
  }

  @Test
  void manyThatHoldAllTheyMay_leaveRoomForParallelShortCallsOfAnother() {
    for (int i = 0; i < 12; i++) {
      fill(new ConnectionUnreadAnswers(bounds, slices, loop, reset::addAll), 12_000);
    }
    for (int call = 0; call < 4; call++) {
      assertThat(connection.full(100)).as("call %d", call).isEmpty();
      connection.add(2 * call + 1, 100);
    }
  }

  @Test
  void whatIsNotReadInTime_isReset_oldestFirst_andGivenBack() {
    connection.add(1, 100);
    loop.advance(Duration.ofSeconds(30).toNanos());
    ConnectionUnreadAnswers.CallAnswers read = connection.add(3, 100);
    connection.add(5, 100);
    read.over();
    read.over();
    loop.advance(Duration.ofSeconds(31).toNanos());
    runAll();
    assertThat(reset).containsExactly(1);
    loop.advance(Duration.ofSeconds(30).toNanos());
    runAll();
    assertThat(reset).containsExactly(1, 5);
    assertThat(bounds.held().get()).isZero();
    assertThat(unsent.used()).isZero();
    assertThat(loop.timers()).isZero();
  }

  @Test
  void manyThatAreLateAtOnce_areResetInSlices_betweenWhichOthersHaveTheLoop() {
    int calls = 3 * ConnectionUnreadAnswers.RESETS_MAX + 1;
    for (int call = 0; call < calls; call++) {
      connection.add(2 * call + 1, 20);
    }

    loop.advance(TIMEOUT.toNanos());
    runAll();

    assertThat(reset).hasSize(ConnectionUnreadAnswers.RESETS_MAX);

    for (int slice = 0; slice < 3; slice++) {
      nextSlice();
    }

    assertThat(reset).hasSize(calls).isSorted();
    assertThat(bounds.held().get()).isZero();
    assertThat(unsent.used()).isZero();
  }

  @Test
  void connectionsOfALoopThatAreLateAtOnce_areResetOneAfterTheOther() {
    int connections = 20;
    for (int i = 0; i < connections; i++) {
      ConnectionUnreadAnswers its =
          new ConnectionUnreadAnswers(bounds, slices, loop, reset::addAll);
      for (int call = 0; call < 2 * ConnectionUnreadAnswers.RESETS_MAX; call++) {
        its.add(2 * call + 1, 20);
      }
    }

    loop.advance(TIMEOUT.toNanos());
    runAll();

    for (int slice = 1; slice < 2 * connections; slice++) {
      assertThat(reset).hasSizeLessThanOrEqualTo(slice * ConnectionUnreadAnswers.RESETS_MAX);
      nextSlice();
    }
    assertThat(reset).hasSize(2 * connections * ConnectionUnreadAnswers.RESETS_MAX);
    assertThat(bounds.held().get()).isZero();
    assertThat(loop.timers()).isZero();
  }

  private void nextSlice() {
    loop.advance(ConnectionUnreadAnswers.Slices.EVERY_NANOS);
    runAll();
  }

  @Test
  void connectionThatIsGone_keepsNoTimer() {
    connection.add(1, 100).over();
    connection.close();
    assertThat(loop.timers()).isZero();
  }

  private void runAll() {
    while (loop.runOne()) {}
  }
}
