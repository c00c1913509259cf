package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.partition.TestLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnreadTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final TestLoop loop = new TestLoop();
  private final Budget unsent = new Budget("unsent_budget_bytes", 16 << 20);
  private final Unread.Bounds bounds =
      new Unread.Bounds(unsent, loop::nowNanos, TIMEOUT.toNanos(), Duration.ofMillis(500));
  private final List<Integer> reset = new ArrayList<>();
  private final Unread connection = new Unread(bounds, loop, reset::add);

  private static int fill(Unread connection, int bytes) {
    int taken = 0;
    while (connection.full(bytes).isEmpty() && taken < 100_000) {
      connection.add(2 * taken + 1, bytes);
      taken++;
    }
    return taken;
  }

  @Test
  void connectionThatReadsNothing_getsItsShare_andIsToldWhy() {
    int taken = fill(connection, 12_000);
    assertThat(taken * 16_096L).isBetween(700_000L, 1L << 20);
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
  void manyThatReadNothing_leaveRoomForOneThatReads() {
    for (int i = 0; i < 300; i++) {
      fill(new Unread(bounds, loop, reset::add), 12_000);
    }
    assertThat(bounds.held().get()).isLessThanOrEqualTo((8 << 20) + 300 * 16_096L);
    assertThat(connection.full(1 << 20)).as("one that holds nothing").isEmpty();
  }

  @Test
  void whatIsNotReadInTime_isReset_oldestFirst_andGivenBack() {
    connection.add(1, 100);
    loop.advance(Duration.ofSeconds(30).toNanos());
    Unread.Answered read = connection.add(3, 100);
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
  void connectionThatIsGone_keepsNoTimer() {
    connection.add(1, 100).over();
    connection.close();
    assertThat(loop.timers()).isZero();
  }

  private void runAll() {
    while (loop.runOne()) {}
  }
}
