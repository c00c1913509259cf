package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PartialMessageBudgetTest {
  private final Budget budget = new Budget("arriving_budget_bytes", 1 << 20);
  private final ServerStreamTracer.Factory calls =
      MessageArrivalTracer.factory(
          new PartialMessageBudget(budget, Duration.ofMillis(500)), thrown -> {});
  private final Map<MessageArrivalTracer, Fault> ended = new HashMap<>();

  private MessageArrivalTracer call() {
    var call = (MessageArrivalTracer) calls.newServerStreamTracer("method", new Metadata());
    call.endBy(why -> ended.put(call, why));
    return call;
  }

  private static void part(MessageArrivalTracer call, long bytes) {
    call.inboundMessage(0);
    for (long left = bytes; left > 0; left -= 16_384) {
      call.inboundWireSize(Math.min(left, 16_384));
    }
  }

  @Test
  void messagesThatHaveNotArrived_areCharged_untilTheyHaveOrTheirCallIsOver() {
    MessageArrivalTracer whole = call();
    MessageArrivalTracer cut = call();
    part(whole, 100_000);
    part(cut, 100_000);
    assertThat(budget.used()).isBetween(160_000L, 200_000L);
    whole.inboundMessageRead(0, 100_000, 100_000);
    assertThat(budget.used()).isBetween(80_000L, 100_000L);
    cut.streamClosed(Status.CANCELLED);
    cut.streamClosed(Status.CANCELLED);
    assertThat(budget.used()).isZero();
  }

  /** What arrives with one read of a connection. */
  private static void read(EmbeddedChannel connection, Runnable... arrives) {
    connection.writeInbound((Object[]) arrives);
  }

  private static EmbeddedChannel connection() {
    return new EmbeddedChannel(
        new ConnectionHandler(),
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext context, Object arrives) {
            ((Runnable) arrives).run();
          }
        });
  }

  @Test
  void shortPartsOfMessages_areChargedWhenTheReadIsOver() {
    EmbeddedChannel connection = connection();
    List<MessageArrivalTracer> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      read(connection, () -> all.add(call()), () -> all.add(call()));
    }
    read(connection, () -> all.forEach(call -> part(call, 15_000)));
    assertThat(budget.used()).isEqualTo(20 * 15_000);
    read(connection, () -> part(all.get(0), 1));
    assertThat(budget.used()).isEqualTo(20 * 15_000 + MessageArrivalTracer.PART_BYTES_LEAST);
    read(connection, () -> all.forEach(call -> call.inboundMessageRead(0, 15_000, 15_000)));
    assertThat(budget.used()).isZero();
  }

  @Test
  void messageThatArrivesWholeWithOneRead_isNotEvenCounted() {
    AtomicInteger looks = new AtomicInteger();
    Budget looked =
        new Budget("arriving_budget_bytes", "bytes", () -> looks.incrementAndGet() + (1L << 20));
    ServerStreamTracer.Factory tracers =
        MessageArrivalTracer.factory(
            new PartialMessageBudget(looked, Duration.ofMillis(500)), thrown -> {});
    EmbeddedChannel connection = connection();
    read(
        connection,
        () -> {
          for (int i = 0; i < 2; i++) {
            var call =
                (MessageArrivalTracer) tracers.newServerStreamTracer("method", new Metadata());
            part(call, 15_000);
            call.inboundMessageRead(0, 15_000, 15_000);
          }
        });
    assertThat(looks).hasValue(0);
  }

  @Test
  void callThatIsToldToEnd_andGoesOnSending_isNotChosenAgain() {
    List<MessageArrivalTracer> told = new ArrayList<>();
    MessageArrivalTracer deaf = call();
    deaf.endBy(why -> told.add(deaf));
    part(deaf, 1_100_000);
    assertThat(told).containsExactly(deaf);
    deaf.inboundMessageRead(0, 1_100_000, 1_100_000);
    part(deaf, 900_000);
    MessageArrivalTracer honest = call();
    part(honest, 900_000);
    assertThat(told).hasSize(1);
    assertThat(ended).as("what leaves counts as free").isEmpty();
    MessageArrivalTracer other = call();
    part(other, 500_000);
    assertThat(ended).containsOnlyKeys(honest);
    List.of(deaf, honest, other).forEach(call -> call.streamClosed(Status.CANCELLED));
    assertThat(budget.used()).isZero();
  }

  @Test
  void byteAtATime_isChargedWhatEachByteHolds() {
    MessageArrivalTracer call = call();
    call.inboundMessage(0);
    for (int i = 0; i < 100; i++) {
      call.inboundWireSize(1);
    }
    assertThat(budget.used()).isGreaterThan(90_000);
  }

  @Test
  void beyondTheBudget_theCallThatHoldsMostEnds_onceForWhatIsShort() {
    MessageArrivalTracer large = call();
    part(large, 600_000);
    List<MessageArrivalTracer> others = new ArrayList<>();
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
    List<MessageArrivalTracer> open = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      if (open.size() < 50) {
        open.add(call());
      }
      MessageArrivalTracer call = open.get(random.nextInt(open.size()));
      call.inboundWireSize(random.nextInt(40_000));
      if (random.nextInt(20) == 0) {
        call.inboundMessageRead(0, 0, 0);
      }
      for (MessageArrivalTracer over : ended.keySet()) {
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
    MessageArrivalTracer alone = call();
    part(alone, 2 << 20);
    assertThat(ended.get(alone).code()).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(ended.get(alone).message()).contains("arriving_budget_bytes (1048576)");
    assertThat(ended.get(alone).retryDelay()).isEmpty();
  }
}
