package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Loop;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.Outbound;
import dev.weir.service.session.Session;
import dev.weir.service.wire.Frame;
import dev.weir.v1.PublishServiceGrpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** How calls end when the server stops. */
final class StreamCallsTest {
  private final TaskLoop loop = new TaskLoop();
  private final StreamCalls calls =
      new StreamCalls(
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
          1_024);
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
  private record EndingSession(Outbound out) implements Session {
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
  private static final class ClosedCall extends ServerCall<Slice, Frame> {
    private Status closed;

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(Frame message) {}

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
    public MethodDescriptor<Slice, Frame> getMethodDescriptor() {
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
}
