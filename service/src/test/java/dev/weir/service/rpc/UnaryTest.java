package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.Control;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.GetTopicResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Unary calls whose answer takes its time. */
class UnaryTest {
  private static final GetTopicRequest REQUEST = GetTopicRequest.getDefaultInstance();
  private static final GetTopicResponse RESPONSE = GetTopicResponse.getDefaultInstance();

  private final Queue<Runnable> pool = new ArrayDeque<>();
  private final List<Runnable> timers = new ArrayList<>();
  private final CompletableFuture<GetTopicResponse> work = new CompletableFuture<>();
  private final Call call = new Call();
  private boolean full;
  private int made;

  private final Unary unary =
      new Unary(new Control(this::execute, Duration.ofMillis(7)), this::schedule, 1_000);

  private void execute(Runnable task) {
    if (full) {
      throw new RejectedExecutionException();
    }
    pool.add(task);
  }

  private Runnable schedule(long delayNanos, Runnable task) {
    assertThat(delayNanos).isEqualTo(1_000_000_000L);
    timers.add(task);
    return () -> timers.remove(task);
  }

  private void ask() {
    unary.answerLater(
        REQUEST,
        call,
        asked -> {
          made++;
          return work;
        });
  }

  @Test
  void answer_isSentOnce_andTheTimerForgotten() {
    ask();
    pool.remove().run();
    work.complete(RESPONSE);
    assertThat(call.heard).containsExactly("answer", "completed");
    assertThat(timers).isEmpty();
  }

  @Test
  void timeOverInTheQueue_isDeadlineExceeded_andTheWorkIsNotBegun() {
    ask();
    timers.get(0).run();
    assertThat(call.heard).containsExactly("DEADLINE_EXCEEDED");
    pool.remove().run();
    assertThat(made).isZero();
  }

  @Test
  void timeOverAtWork_isDeadlineExceeded_andTheWorkIsCancelled() {
    ask();
    pool.remove().run();
    timers.get(0).run();
    assertThat(call.heard).containsExactly("DEADLINE_EXCEEDED");
    assertThat(work).isCancelled();
  }

  @Test
  void callThatIsGone_isNotAnswered_andItsWorkIsCancelled() {
    ask();
    pool.remove().run();
    call.cancel();
    assertThat(work).isCancelled();
    assertThat(timers).isEmpty();
    assertThat(call.heard).isEmpty();
  }

  @Test
  void callThatIsGoneInTheQueue_isNotBegun() {
    ask();
    call.cancel();
    pool.remove().run();
    assertThat(made).isZero();
    assertThat(call.heard).isEmpty();
  }

  @Test
  void refusals_areTold() {
    full = true;
    ask();
    assertThat(call.heard).containsExactly("RESOURCE_EXHAUSTED");
    full = false;
    call.heard.clear();
    ask();
    pool.remove().run();
    work.completeExceptionally(Fault.of(ErrorCode.TOPIC_NOT_FOUND, "none").exception());
    assertThat(call.heard).containsExactly("NOT_FOUND");
    assertThat(timers).isEmpty();
  }

  /** A call that notes what it is told. */
  private static final class Call extends ServerCallStreamObserver<GetTopicResponse> {
    private final List<String> heard = new ArrayList<>();
    private Runnable onCancel;
    private boolean cancelled;

    void cancel() {
      cancelled = true;
      onCancel.run();
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      onCancel = handler;
    }

    @Override
    public void onNext(GetTopicResponse response) {
      heard.add("answer");
    }

    @Override
    public void onError(Throwable failure) {
      heard.add(Status.fromThrowable(failure).getCode().name());
    }

    @Override
    public void onCompleted() {
      heard.add("completed");
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}
  }
}
