package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallBudgetTest {
  private final Budget sessions =
      new Budget("session_budget_bytes", 10 * CallBudget.CALL_BYTES + 100);
  private final CallBudget calls = new CallBudget(sessions, Duration.ofMillis(100));
  private final List<ServerCall.Listener<?>> open = new ArrayList<>();
  private Status refusal; // the last one
  private int started;

  private static final class Call<Q, R> extends ServerCall<Q, R> {
    private final MethodDescriptor<Q, R> method;
    private Status closed;

    Call(MethodDescriptor<Q, R> method) {
      this.method = method;
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(R message) {}

    @Override
    public void close(Status status, Metadata trailers) {
      closed = status;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<Q, R> getMethodDescriptor() {
      return method;
    }
  }

  private <Q, R> ServerCall.Listener<Q> begin(Call<Q, R> call) {
    return calls.interceptCall(
        call,
        new Metadata(),
        (any, headers) -> {
          started++;
          return new ServerCall.Listener<>() {};
        });
  }

  @Test
  void longCalls_areRefusedWithNineTenthsUsed_andShortOnesFindRoom() {
    Call<?, ?> refused = null;
    for (int i = 0; i < 12 && refused == null; i++) {
      var call = new Call<>(SubscribeServiceGrpc.getSubscribeMethod());
      begin(call);
      refused = call.closed == null ? null : call;
    }
    assertThat(refused).isNotNull();
    assertThat(refused.closed.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.closed.getDescription()).contains("session_budget_bytes", "28100");
    assertThat(sessions.refusals()).isEqualTo(1);

    sessions.giveBack(CallBudget.CALL_BYTES);
    sessions.take(95); // more than nine tenths, and room for one more
    for (MethodDescriptor<?, ?> method :
        List.of(AdminServiceGrpc.getGetServerInfoMethod(), SubscribeServiceGrpc.getReadMethod())) {
      Call<?, ?> brief = new Call<>(method);
      begin(brief).onComplete();
      assertThat(brief.closed).as(method.getFullMethodName()).isNull();
    }
  }

  @Test
  void shortCallsOfOneConnection_leaveRoomForThoseOfAnother() {
    Budget large = new Budget("session_budget_bytes", 1_000 * CallBudget.CALL_BYTES);
    CallBudget shared = new CallBudget(large, Duration.ofMillis(100));
    large.take(901 * CallBudget.CALL_BYTES);
    EmbeddedChannel flooding = unaryCallForEachRead(shared);
    for (int call = 0; call < 1_000; call++) {
      flooding.writeInbound("call");
    }
    long taken = large.used() / CallBudget.CALL_BYTES - 901;
    assertThat(taken).as("an eighth of what is free then").isBetween(10L, 13L);
    assertThat(large.refusals()).isEqualTo(1_000 - taken);
    assertThat(refusal.getDescription())
        .contains("session_budget_bytes", "this connection has " + taken + " unary calls open");

    EmbeddedChannel other = unaryCallForEachRead(shared);
    other.writeInbound("call");
    assertThat(large.used() / CallBudget.CALL_BYTES).isEqualTo(901 + taken + 1);

    open.forEach(ServerCall.Listener::onComplete);
    open.clear();
    for (int call = 0; call < taken; call++) {
      flooding.writeInbound("call");
    }
    assertThat(large.used() / CallBudget.CALL_BYTES).isEqualTo(901 + taken);
  }

  /** A connection on which a call begins whenever it is read. */
  private EmbeddedChannel unaryCallForEachRead(CallBudget budget) {
    return new EmbeddedChannel(
        new ConnectionHandler(),
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext context, Object message) {
            var call = new Call<>(AdminServiceGrpc.getGetServerInfoMethod());
            var listener =
                budget.interceptCall(
                    call,
                    new Metadata(),
                    (any, headers) -> new ServerCall.Listener<GetServerInfoRequest>() {});
            if (call.closed == null) {
              open.add(listener);
            } else {
              refusal = call.closed;
            }
          }
        });
  }

  @Test
  void charge_isGivenBackOnce_howeverTheCallEnds() {
    begin(new Call<>(SubscribeServiceGrpc.getTailMethod())).onComplete();
    begin(new Call<>(SubscribeServiceGrpc.getTailMethod())).onCancel();
    assertThat(started).isEqualTo(2);
    assertThat(sessions.used()).isZero();
    var failing = new Call<>(SubscribeServiceGrpc.getTailMethod());
    try {
      calls.interceptCall(
          failing,
          new Metadata(),
          (any, headers) -> {
            throw new IllegalStateException("injected");
          });
    } catch (IllegalStateException injected) {
      assertThat(injected).hasMessage("injected");
    }
    assertThat(sessions.used()).isZero();
  }
}
