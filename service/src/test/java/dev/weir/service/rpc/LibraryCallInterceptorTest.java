package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import dev.weir.common.Loop;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.partition.TestLoop;
import dev.weir.service.session.RequestParser;
import dev.weir.service.wire.check.EntryLimits;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the library's services send and nobody takes. */
class LibraryCallInterceptorTest {
  private final TestLoop loop = new TestLoop();
  private final Budget unsent = new Budget("unsent_budget_bytes", 1 << 20);
  private final ConnectionUnreadAnswers.Bounds bounds =
      new ConnectionUnreadAnswers.Bounds(
          unsent, loop::nowNanos, 60_000_000_000L, 1 << 20, Duration.ofMillis(500));
  private final Budget requests = new Budget("request_budget_bytes", 1 << 20);
  private final HealthStatusManager health = new HealthStatusManager();
  private final LibraryCallInterceptor calls =
      new LibraryCallInterceptor(
          new Loops() {
            @Override
            public Loop current() {
              return loop;
            }

            @Override
            public boolean carryCallbacks() {
              return true;
            }
          },
          1_024,
          bounds,
          this::admit);

  private RequestParser.Admitted admit(Descriptor type, Slice message) {
    EntryLimits.Counted counted =
        new EntryLimits<String>(type, Map.of()).count(message, name -> 0, name -> name, "");
    long bytes = counted.refusal().isPresent() ? 0 : counted.parsedBytes();
    requests.take(bytes);
    return new RequestParser.Admitted(counted.refusal(), requests, bytes);
  }

  /** A transport that takes what it is given, or keeps it. */
  private static final class Transport extends ServerCall<Slice, Slice> {
    private final MethodDescriptor<Slice, Slice> method;
    private boolean takes;
    private boolean closed;
    private Status status;
    private long sentBytes;

    Transport(MethodDescriptor<Slice, Slice> method) {
      this.method = method;
    }

    @Override
    public boolean isReady() {
      return takes && !closed;
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(Slice message) {
      sentBytes += message.length();
    }

    @Override
    public void close(Status status, Metadata trailers) {
      closed = true;
      this.status = status;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<Slice, Slice> getMethodDescriptor() {
      return method;
    }
  }

  private Transport transport;
  private ServerCall.Listener<Slice> listener;

  @SuppressWarnings("unchecked") // its messages are bytes
  private void start(String method) {
    var definition =
        (ServerMethodDefinition<Slice, Slice>)
            calls.with(health.getHealthService()).getMethod("grpc.health.v1.Health/" + method);
    transport = new Transport(definition.getMethodDescriptor());
    loop.run(
        () -> listener = definition.getServerCallHandler().startCall(transport, new Metadata()));
  }

  private void call(String method) {
    start(method);
    loop.run(
        () -> {
          listener.onMessage(Slice.of(HealthCheckRequest.getDefaultInstance().toByteArray()));
          listener.onHalfClose();
        });
  }

  @Test
  void request_isChargedUntilItIsAnswered_orItsCallIsOver() {
    byte[] unknown = {0x78, 1, 0x78, 2}; // field 15 twice
    start("Check");
    loop.run(() -> listener.onMessage(Slice.of(unknown)));
    assertThat(requests.used()).isGreaterThanOrEqualTo(640);
    loop.run(listener::onHalfClose);
    assertThat(requests.used()).isZero();
    start("Check");
    loop.run(() -> listener.onMessage(Slice.of(unknown)));
    assertThat(requests.used()).isPositive();
    loop.run(listener::onCancel);
    assertThat(requests.used()).isZero();
  }

  @Test
  void requestOfGroups_isNotParsed() {
    start("Check");
    loop.run(() -> listener.onMessage(Slice.of(new byte[] {0x7B, 0x7B, 0x7C, 0x7C})));
    assertThat(transport.status.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(transport.status.getDescription()).contains("group");
    loop.run(listener::onComplete);
    assertThat(requests.used()).isZero();
  }

  private void ask(String method, byte[] request) {
    start(method);
    loop.run(
        () -> {
          listener.onMessage(Slice.of(request));
          listener.onHalfClose();
        });
  }

  @Test
  void requestOfAStream_isChargedAsLongAsTheStreamIsOpen() {
    byte[] request =
        HealthCheckRequest.newBuilder().setService("some.Service").build().toByteArray();
    for (Runnable end : List.<Runnable>of(() -> listener.onCancel(), () -> listener.onComplete())) {
      ask("Watch", request);
      long charged = requests.used();
      assertThat(charged).isPositive();
      health.setStatus("some.Service", ServingStatus.SERVING);
      while (loop.runOne()) {}
      assertThat(requests.used()).as("the library has the name still").isEqualTo(charged);
      loop.run(end);
      assertThat(requests.used()).isZero();
    }
  }

  @Test
  void nameThatIsTooLong_isRefusedUnread_soThatNoStreamKeepsIt() {
    for (String method : List.of("Watch", "Check")) {
      ask(
          method,
          HealthCheckRequest.newBuilder().setService("s".repeat(201)).build().toByteArray());
      assertThat(transport.status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(transport.status.getDescription())
          .isEqualTo("service: has 201 bytes, more than the 200 of the longest name");
      assertThat(requests.used()).isZero();
    }
    ask("Watch", HealthCheckRequest.newBuilder().setService("s".repeat(200)).build().toByteArray());
    assertThat(transport.status).isNull();
    assertThat(transport.sentBytes).isPositive();
  }

  @Test
  void requestWithMoreFieldsThanAnyNeeds_isRefusedUnread_soThatNoStreamHoldsTheBudget() {
    byte[] five = {0x78, 1, 0x78, 2, 0x78, 3, 0x78, 4, 0x78, 5}; // field 15, which is unknown
    ask("Watch", five);
    assertThat(transport.status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(transport.status.getDescription()).contains("more than 4 fields");
    assertThat(requests.used()).isZero();
  }

  @Test
  void malformedRequest_isRefusedAsEverywhere() {
    ask("Watch", new byte[] {0x0A, (byte) 0xFF, 0x7F}); // a text whose bytes are not there
    assertThat(transport.status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(transport.status.getDescription()).contains("malformed");
  }

  @Test
  void answersOfAStream_areCharged_untilTheyAreTaken() {
    call("Watch");
    assertThat(transport.sentBytes).isPositive();
    assertThat(unsent.used()).isEqualTo(transport.sentBytes);
    health.setStatus("", ServingStatus.NOT_SERVING); // on another thread
    while (loop.runOne()) {}
    assertThat(unsent.used()).as("both answers").isEqualTo(transport.sentBytes);
    transport.takes = true;
    loop.run(listener::onReady);
    assertThat(unsent.used()).isZero();
    transport.takes = false;
    health.setStatus("", ServingStatus.SERVING);
    while (loop.runOne()) {}
    assertThat(unsent.used()).isPositive();
    loop.run(listener::onCancel);
    assertThat(unsent.used()).isZero();
  }

  @Test
  void answerOfAUnaryCall_isCharged_untilTheCallIsOver() {
    call("Check");
    assertThat(transport.closed).isTrue();
    assertThat(transport.sentBytes).isPositive();
    assertThat(unsent.used()).isEqualTo(transport.sentBytes);
    loop.run(listener::onComplete);
    assertThat(unsent.used()).isZero();
  }

  @Test
  void streamWhoseAnswerIsNotTaken_ends_inTime() {
    var reset = new ArrayList<Integer>();
    call("Watch");
    var answers =
        new LibraryCallAnswers(
            transport,
            unsent,
            new CallUnreadAnswers(
                new ConnectionUnreadAnswers(
                    bounds, new ConnectionUnreadAnswers.Slices(), loop, reset::addAll),
                5));
    transport.takes = true;
    answers.sent(100);
    assertThat(loop.timers()).as("it is taken").isZero();
    transport.takes = false;
    answers.sent(100);
    assertThat(bounds.held().get()).isEqualTo(200 + ConnectionUnreadAnswers.CALL_BYTES);
    transport.takes = true;
    answers.ready();
    assertThat(bounds.held().get()).isZero();
    transport.takes = false;
    answers.sent(100);
    loop.advance(60_000_000_000L);
    while (loop.runOne()) {}
    assertThat(reset).containsExactly(5);
    answers.over();
    assertThat(bounds.held().get()).isZero();
    assertThat(unsent.used()).as("what the watch has sent").isEqualTo(transport.sentBytes);
  }
}
