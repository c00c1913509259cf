package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArrivingTest {
  private final Budget budget = new Budget("arriving_budget_bytes", 1 << 20);
  private final ServerStreamTracer.Factory calls =
      MessageProgress.factory(new Arriving(budget, Duration.ofMillis(500)), thrown -> {});
  private final Map<MessageProgress, Fault> ended = new HashMap<>();

  private MessageProgress call() {
    var call = (MessageProgress) calls.newServerStreamTracer("method", new Metadata());
    call.endBy(why -> ended.put(call, why));
    return call;
  }

  private static void part(MessageProgress call, long bytes) {
    call.inboundMessage(0);
    for (long left = bytes; left > 0; left -= 16_384) {
      call.inboundWireSize(Math.min(left, 16_384));
    }
  }

  @Test
  void messagesThatHaveNotArrived_areCharged_untilTheyHaveOrTheirCallIsOver() {
    MessageProgress whole = call();
    MessageProgress cut = call();
    part(whole, 100_000);
    part(cut, 100_000);
    assertThat(budget.used()).isBetween(160_000L, 200_000L);
    whole.inboundMessageRead(0, 100_000, 100_000);
    assertThat(budget.used()).isBetween(80_000L, 100_000L);
    cut.streamClosed(Status.CANCELLED);
    cut.streamClosed(Status.CANCELLED);
    assertThat(budget.used()).isZero();
  }

  @Test
  void shortMessage_isNotEvenCounted() {
    MessageProgress call = call();
    call.inboundMessage(0);
    call.inboundWireSize(15_000);
    assertThat(budget.used()).isZero();
  }

  @Test
  void byteAtATime_isChargedWhatEachByteHolds() {
    MessageProgress call = call();
    call.inboundMessage(0);
    for (int i = 0; i < 100; i++) {
      call.inboundWireSize(1);
    }
    assertThat(budget.used()).isGreaterThan(90_000);
  }

  @Test
  void beyondTheBudget_theCallThatHoldsMostEnds_onceForWhatIsShort() {
    MessageProgress large = call();
    part(large, 600_000);
    List<MessageProgress> others = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      others.add(call());
      part(others.get(i), 60_000);
    }
    assertThat(ended).containsOnlyKeys(large);
    Fault why = ended.get(large);
    assertThat(why.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(why.message()).contains("arriving_budget_bytes", "1048576");
    assertThat(why.retryDelay()).isPresent();
    assertThat(budget.refusals()).isEqualTo(1);
    large.streamClosed(Status.CANCELLED);
    others.forEach(other -> other.streamClosed(Status.OK));
    assertThat(budget.used()).isZero();
  }

  @Test
  void whateverArrives_theBudgetIsKeptButForAStepOfEachThatEnds_andAllIsGivenBack() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<MessageProgress> open = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      if (open.size() < 50) {
        open.add(call());
      }
      MessageProgress call = open.get(random.nextInt(open.size()));
      call.inboundWireSize(random.nextInt(40_000));
      if (random.nextInt(20) == 0) {
        call.inboundMessageRead(0, 0, 0);
      }
      for (MessageProgress over : ended.keySet()) {
        over.streamClosed(Status.CANCELLED);
        open.remove(over);
      }
      ended.clear();
      assertThat(budget.used()).as("seed %d", seed).isLessThanOrEqualTo(budget.max());
    }
    open.forEach(call -> call.streamClosed(Status.OK));
    assertThat(budget.used()).as("seed %d", seed).isZero();
  }

  @Test
  void messageLargerThanTheBudget_isTooLarge_becauseSendingItAgainDoesNotHelp() {
    MessageProgress alone = call();
    part(alone, 2 << 20);
    assertThat(ended.get(alone).code()).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(ended.get(alone).message()).contains("arriving_budget_bytes (1048576)");
    assertThat(ended.get(alone).retryDelay()).isEmpty();
  }
}
