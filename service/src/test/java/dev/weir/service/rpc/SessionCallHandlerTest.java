package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Timestamps;
import dev.weir.common.Loop;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.SessionHandler;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.Pong;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.PublishStreamResponse;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** How calls end when the server stops. */
final class SessionCallHandlerTest {
  private static final long START_NANOS = 1_700_000_000_000_000_000L;

  private final TaskLoop loop = new TaskLoop();
  private long nowNanos = START_NANOS;
  private final Budget unsent = new Budget("test_bytes", 1 << 20);
  private final SessionCallHandler calls =
      new SessionCallHandler(
          new Loops() {
            @Override
            public Loop current() {
              return loop;
            }

            @Override
            public boolean carryCallbacks() {
              return false;
            }
          },
          1,
          1_024,
          () -> nowNanos,
          new ConnectionUnreadAnswers.Bounds(
              unsent, () -> nowNanos, 1_000, 1_000, Duration.ofMillis(1)));
  private final Fault stopping = Fault.of(ErrorCode.SHUTTING_DOWN, "the server is stopping");

  /** Runs what is posted when the test says so. */
  private static final class TaskLoop implements Loop {
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public void post(Runnable task) {
      tasks.add(task);
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
      throw new UnsupportedOperationException();
    }

    void run() {
      while (!tasks.isEmpty()) {
        tasks.remove().run();
      }
    }
  }

  /** A session that only ends. */
  private record EndingSession(ResponseSender out) implements SessionHandler {
    @Override
    public void onMessage(Slice message) {}

    @Override
    public void onReady() {}

    @Override
    public void onHalfClosed() {}

    @Override
    public void end(Fault fault) {
      out.fail(fault);
    }

    @Override
    public void onClosed() {}
  }

  /** A transport that notes how the call was closed. */
  private static final class ClosedCall extends ServerCall<Slice, OutgoingMessage> {
    private Attributes attributes = Attributes.EMPTY;
    private Status closed;
    private boolean ready = true;

    @Override
    public boolean isReady() {
      return ready && closed == null;
    }

    @Override
    public Attributes getAttributes() {
      return attributes;
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(OutgoingMessage message) {}

    @Override
    public void close(Status status, Metadata trailers) {
      assertThat(closed).as("closed before").isNull();
      closed = status;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<Slice, OutgoingMessage> getMethodDescriptor() {
      return PublishServiceGrpc.getPublishStreamMethod().toBuilder(Marshallers.IN, Marshallers.OUT)
          .build();
    }
  }

  private ClosedCall start() {
    ClosedCall call = new ClosedCall();
    calls.handler((on, out) -> new EndingSession(out)).startCall(call, new Metadata());
    return call;
  }

  @Test
  void whatIsNotSent_isCountedUntilItIs_orTheCallIsOver() {
    ClosedCall call = new ClosedCall();
    ResponseSender[] made = new ResponseSender[1];
    ServerCall.Listener<Slice> listener =
        calls
            .handler(
                (on, out) -> {
                  made[0] = out;
                  return new EndingSession(out);
                })
            .startCall(call, new Metadata());
    loop.run();
    ResponseSender out = made[0];
    OutgoingMessage frame =
        OutgoingMessage.of(
            PublishStreamResponse.newBuilder().setPong(Pong.newBuilder().setId(7)).build());
    out.send(frame);
    assertThat(out.ready()).isTrue();
    assertThat(unsent.used()).isZero();
    call.ready = false;
    out.send(frame);
    out.send(frame);
    assertThat(out.ready()).isFalse();
    assertThat(out.ready()).isFalse();
    assertThat(unsent.used()).isEqualTo(2L * frame.length());
    call.ready = true;
    assertThat(out.ready()).isTrue();
    assertThat(unsent.used()).isZero();
    call.ready = false;
    out.send(frame);
    assertThat(out.ready()).isFalse();
    listener.onCancel();
    loop.run();
    assertThat(unsent.used()).isZero();
  }

  @Test
  void answerThatIsNotSent_isCountedUntilTheCallIsOver() {
    ClosedCall call = new ClosedCall();
    ResponseSender[] made = new ResponseSender[1];
    ServerCall.Listener<Slice> listener =
        calls
            .handler(
                (on, out) -> {
                  made[0] = out;
                  return new EndingSession(out);
                })
            .startCall(call, new Metadata());
    loop.run();
    OutgoingMessage frame =
        OutgoingMessage.of(
            PublishStreamResponse.newBuilder().setPong(Pong.newBuilder().setId(7)).build());
    call.ready = false;
    made[0].send(frame);
    made[0].finish();
    assertThat(call.closed.isOk()).isTrue();
    assertThat(unsent.used()).isEqualTo(frame.length());
    assertThat(made[0].ready()).isFalse();
    assertThat(unsent.used()).isEqualTo(frame.length());
    listener.onComplete();
    loop.run();
    assertThat(unsent.used()).isZero();
  }

  @Test
  void openCalls_endWithTheReason() {
    ClosedCall call = start();
    loop.run();
    calls.endAll(stopping);
    loop.run();
    assertThat(call.closed.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void callThatIsAboutToStart_endsToo() {
    ClosedCall call = start();
    calls.endAll(stopping);
    loop.run();
    assertThat(call.closed.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void callThatComesAfterTheOthersEnded_endsAtOnce() {
    calls.endAll(stopping);
    ClosedCall call = start();
    loop.run();
    assertThat(call.closed).isNotNull();
    assertThat(call.closed.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  /** A session that keeps its call and answers each message with an empty one. */
  private record EchoSession(ResponseSender out) implements SessionHandler {
    @Override
    public void onMessage(Slice message) {
      out.send(OutgoingMessage.of(PublishStreamResponse.getDefaultInstance()));
    }

    @Override
    public void onReady() {}

    @Override
    public void onHalfClosed() {}

    @Override
    public void end(Fault fault) {}

    @Override
    public void onClosed() {}
  }

  private dev.weir.v1.Session facts(ResponseSender out) {
    dev.weir.v1.Session.Builder session = dev.weir.v1.Session.newBuilder();
    out.facts().describe(session);
    return session.build();
  }

  @Test
  void messagesThatPass_areNoted() {
    ClosedCall call = new ClosedCall();
    call.attributes =
        Attributes.newBuilder()
            .set(
                Grpc.TRANSPORT_ATTR_REMOTE_ADDR,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711))
            .build();
    ResponseSender[] out = new ResponseSender[1];
    ServerCall.Listener<Slice> listener =
        calls
            .handler(
                (on, its) -> {
                  out[0] = its;
                  return new EchoSession(its);
                })
            .startCall(call, new Metadata());
    loop.run();
    dev.weir.v1.Session before = facts(out[0]);
    assertThat(before.getPeer()).isEqualTo("127.0.0.1:4711");
    assertThat(before.getStartTime()).isEqualTo(Timestamps.fromNanos(START_NANOS));
    assertThat(before.getLastReceivedTime()).isEqualTo(before.getStartTime());
    assertThat(before.hasLastSentTime()).isFalse();
    nowNanos += 5;
    listener.onMessage(Slice.EMPTY);
    loop.run();
    dev.weir.v1.Session after = facts(out[0]);
    assertThat(after.getStartTime()).isEqualTo(before.getStartTime());
    assertThat(after.getLastReceivedTime()).isEqualTo(Timestamps.fromNanos(START_NANOS + 5));
    assertThat(after.getLastSentTime()).isEqualTo(Timestamps.fromNanos(START_NANOS + 5));
  }

  @Test
  void callWithoutAnAddress_hasAnEmptyPeer() {
    ResponseSender[] out = new ResponseSender[1];
    calls
        .handler(
            (on, its) -> {
              out[0] = its;
              return new EchoSession(its);
            })
        .startCall(new ClosedCall(), new Metadata());
    loop.run();
    assertThat(facts(out[0]).getPeer()).isEmpty();
  }
}
