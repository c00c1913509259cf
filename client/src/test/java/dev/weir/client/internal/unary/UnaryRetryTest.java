package dev.weir.client.internal.unary;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.weir.client.Attempt;
import dev.weir.client.WeirException;
import dev.weir.client.internal.connection.InProcessServerChannels;
import dev.weir.client.internal.connection.RetryBudget;
import dev.weir.client.internal.connection.ServerSelector;
import dev.weir.client.internal.threads.ManualClientLoop;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.GetTopicResponse;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Topic;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Unary calls that fail and are tried again, on a clock of the test's own. */
class UnaryRetryTest {
  private static final PublishRequest UNNUMBERED =
      PublishRequest.newBuilder().setTopic("t").build();
  private static final PublishRequest NUMBERED =
      UNNUMBERED.toBuilder().setProducer("p").setSequence(1).build();

  private final ManualClientLoop loop = new ManualClientLoop();
  private final List<Server> running = new ArrayList<>();
  private final Queue<StatusRuntimeException> failures = new ArrayDeque<>();
  private final List<String> asked = new ArrayList<>();
  private ServerSelector servers;
  private UnaryRetry calls;

  @AfterEach
  void stop() {
    servers.close();
    running.forEach(Server::shutdownNow);
  }

  @Test
  void retryInfo_isTheLeastWait() throws Exception {
    start("one");
    failures.add(refused(Code.RESOURCE_EXHAUSTED, "OVERLOADED", 3));
    assertIsRepeatedAfter(SECONDS.toMillis(3));
  }

  @Test
  void pushBackOfTheLibraries_isTheLeastWaitToo() throws Exception {
    start("one");
    failures.add(pushedBack(Status.UNAVAILABLE, "2500"));
    assertIsRepeatedAfter(2_500);
  }

  private void assertIsRepeatedAfter(long millis) {
    CompletableFuture<GetTopicResponse> answer = begin();
    loop.advance(MILLISECONDS.toNanos(millis) - 1);
    assertThat(asked).as("before the delay is over").hasSize(1);
    assertThat(answer).isNotDone();
    loop.advance(1);
    assertThat(asked).hasSize(2);
    assertThat(answer).isCompletedWithValueMatching(response -> response.hasTopic());
  }

  @Test
  void negativePushBack_forbidsToTryAgain() throws Exception {
    start("one");
    failures.add(pushedBack(Status.UNAVAILABLE, "-1"));
    assertThat(failureOf(begin()).attempts()).hasSize(1);
    assertThat(asked).hasSize(1);
  }

  @Test
  void delayBeyondTheDeadline_isNotWaitedFor() throws Exception {
    start("one");
    failures.add(refused(Code.RESOURCE_EXHAUSTED, "OVERLOADED", 5));
    assertThat(failureOf(begin()).reason()).isEqualTo("OVERLOADED");
    assertThat(loop.nanoTime()).isZero();
  }

  @Test
  void failureThatStays_isToldWithEveryTry() throws Exception {
    start("one");
    for (int i = 0; i < 10; i++) {
      failures.add(refused(Code.UNAVAILABLE, "STORE_FAILED", 0));
    }
    CompletableFuture<GetTopicResponse> answer = begin();
    loop.advance(SECONDS.toNanos(4));
    WeirException failure = failureOf(answer);
    assertThat(asked).as("maxAttempts of the service config").hasSize(4);
    assertThat(failure.reason()).isEqualTo("STORE_FAILED");
    assertThat(failure.attempts())
        .hasSize(4)
        .extracting(Attempt::address, Attempt::code, Attempt::reason)
        .containsOnly(org.assertj.core.groups.Tuple.tuple("one", 14, "STORE_FAILED"));
    assertThat(failure).hasMessageContaining("gave up after 4 tries");
  }

  @Test
  void refusalForGood_isNotRepeated() throws Exception {
    start("one");
    failures.add(Status.NOT_FOUND.asRuntimeException());
    failures.add(Status.RESOURCE_EXHAUSTED.asRuntimeException()); // as TOO_LARGE: without a delay
    failureOf(begin());
    failureOf(begin());
    assertThat(asked).hasSize(2);
  }

  @Test
  void publish_isRepeatedOnlyWithProducerAndSequence() throws Exception {
    start("one");
    UnaryCalls unary = new UnaryCalls(calls);
    failures.add(Status.UNAVAILABLE.asRuntimeException());
    assertThatThrownBy(() -> unary.publish(UNNUMBERED)).isInstanceOf(WeirException.class);
    assertThat(asked).hasSize(1);

    MethodConfig numbered = calls.policyOf(PublishServiceGrpc.getPublishMethod()).repeatable();
    failures.add(Status.UNAVAILABLE.asRuntimeException());
    failures.add(refused(Code.RESOURCE_EXHAUSTED, "DISK_FULL", 1));
    CompletableFuture<PublishResponse> answer =
        calls.begin(PublishServiceGrpc.getPublishMethod(), NUMBERED, numbered);
    loop.advance(SECONDS.toNanos(2));
    assertThat(answer).isCompleted();
    assertThat(asked).hasSize(4);
  }

  @Test
  void serverThatIsNotThere_isLeftForAnother_andNotComeBackTo() throws Exception {
    start("one", "two");
    String first = servers.present().address();
    running.get(first.equals("one") ? 0 : 1).shutdownNow();
    CompletableFuture<GetTopicResponse> answer = begin();
    assertThat(answer).isNotDone();
    loop.advance(MILLISECONDS.toNanos(100));
    assertThat(answer).isCompleted();
    begin();
    assertThat(asked).hasSize(2).doesNotContain(first);
  }

  @Test
  void withoutATokenOfTheBudget_itWaitsAndThenGivesUp() throws Exception {
    start("one");
    for (int i = 0; i < 10; i++) {
      failures.add(refused(Code.UNAVAILABLE, "STORE_FAILED", 0));
    }
    CompletableFuture<GetTopicResponse> first = begin();
    loop.advance(SECONDS.toNanos(4));
    assertThat(first).isCompletedExceptionally();
    CompletableFuture<GetTopicResponse> second = begin();
    loop.advance(SECONDS.toNanos(6));
    assertThat(second).isCompletedExceptionally();
    assertThat(asked).as("two first tries, and the three that the bucket holds").hasSize(5);
  }

  @Test
  void namesThatAreLookedUpForLong_holdUpNoAnswerOfAServerThatIsKnown() throws Exception {
    start("one");
    Queue<Runnable> lookedUp = new ArrayDeque<>(); // by threads that are busy
    servers = InProcessServerChannels.servers(loop, lookedUp::add, "one");
    calls =
        new UnaryRetry(
            servers, loop, new RetryBudget(6, 0), new SplittableRandom(1), loop::nanoTime);
    assertThat(begin()).isCompleted();
  }

  @Test
  void closedClient_leavesNobodyWaiting() throws Exception {
    start("one");
    failures.add(refused(Code.UNAVAILABLE, "STORE_FAILED", 1));
    CompletableFuture<GetTopicResponse> answer = begin();
    assertThat(answer).isNotDone();
    calls.close();
    assertThat(failureOf(answer).reason()).isEqualTo(WeirException.CLOSED);
    assertThat(failureOf(begin()).reason()).isEqualTo(WeirException.CLOSED);
  }

  private CompletableFuture<GetTopicResponse> begin() {
    var method = CatalogServiceGrpc.getGetTopicMethod();
    return calls.begin(method, GetTopicRequest.getDefaultInstance(), calls.policyOf(method));
  }

  private static WeirException failureOf(CompletableFuture<?> answer) {
    assertThat(answer).isDone();
    CompletionException failure = catchThrowableOfType(CompletionException.class, answer::join);
    return (WeirException) failure.getCause();
  }

  private static StatusRuntimeException refused(Code code, String reason, int delaySeconds) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage("not now")
            .addDetails(Any.pack(ErrorInfo.newBuilder().setReason(reason).build()))
            .addDetails(
                Any.pack(
                    RetryInfo.newBuilder()
                        .setRetryDelay(Duration.newBuilder().setSeconds(delaySeconds))
                        .build()))
            .build());
  }

  private static StatusRuntimeException pushedBack(Status status, String millis) {
    Metadata trailers = new Metadata();
    trailers.put(
        Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER), millis);
    return status.asRuntimeException(trailers);
  }

  /** Starts servers that fail as scripted, and then answer; the bucket holds three tokens. */
  private void start(String... names) throws IOException {
    for (String name : names) {
      running.add(
          InProcessServerBuilder.forName(name)
              .directExecutor()
              .addService(new Catalog(name))
              .addService(new Publishing(name))
              .build()
              .start());
    }
    servers = InProcessServerChannels.servers(loop, names);
    calls =
        new UnaryRetry(
            servers, loop, new RetryBudget(6, 0), new SplittableRandom(1), loop::nanoTime);
  }

  private <T> void answer(String name, StreamObserver<T> to, T response) {
    asked.add(name);
    StatusRuntimeException failure = failures.poll();
    if (failure != null) {
      to.onError(failure);
    } else {
      to.onNext(response);
      to.onCompleted();
    }
  }

  private final class Catalog extends CatalogServiceGrpc.CatalogServiceImplBase {
    private final String name;

    Catalog(String name) {
      this.name = name;
    }

    @Override
    public void getTopic(GetTopicRequest request, StreamObserver<GetTopicResponse> to) {
      answer(name, to, GetTopicResponse.newBuilder().setTopic(Topic.getDefaultInstance()).build());
    }
  }

  private final class Publishing extends PublishServiceGrpc.PublishServiceImplBase {
    private final String name;

    Publishing(String name) {
      this.name = name;
    }

    @Override
    public void publish(PublishRequest request, StreamObserver<PublishResponse> to) {
      answer(name, to, PublishResponse.getDefaultInstance());
    }
  }
}
