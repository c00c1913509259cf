package dev.weir.service.rpc;

import com.google.protobuf.Message;
import dev.weir.service.config.Limit;
import dev.weir.service.core.Timer;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.session.Control;
import dev.weir.service.session.Desk;
import dev.weir.service.session.TimeBound;
import dev.weir.service.wire.UnknownFields;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs unary methods on the control pool, for as long as somebody waits for the answer and it may
 * take. What waits for a sync waits elsewhere. Thread-safe.
 *
 * @param control the pool
 * @param timer ends calls that take too long
 * @param answerMillisMax how long one may take
 */
public record Unary(Control control, Timer timer, long answerMillisMax) {
  private static final Logger logger = LoggerFactory.getLogger(Unary.class);

  /** Calls under the bounds of a server. */
  public static Unary of(Desk desk, Timer timer) {
    return new Unary(desk.control(), timer, desk.limits().get(Limit.CALL_DEADLINE_MS_MAX));
  }

  /** Answers a request, or refuses what this server does not know in it. */
  <Q extends Message, R> void answer(Q request, StreamObserver<R> observer, Function<Q, R> method) {
    answerLater(request, observer, asked -> CompletableFuture.completedFuture(method.apply(asked)));
  }

  /**
   * The same for a method whose answer comes later, from any thread; the method itself may throw.
   * When nobody waits any more its future is cancelled, so that it can let go what it holds.
   */
  <Q extends Message, R> void answerLater(
      Q request, StreamObserver<R> observer, Function<Q, CompletableFuture<R>> method) {
    CompletableFuture<R> answer = new CompletableFuture<>();
    if (observer instanceof ServerCallStreamObserver<R> call) {
      call.setOnCancelHandler(() -> answer.cancel(false));
    }
    Runnable inTime =
        timer.schedule(
            TimeUnit.MILLISECONDS.toNanos(answerMillisMax),
            () -> answer.completeExceptionally(TimeBound.late(answerMillisMax).exception()));
    answer.whenComplete(
        (response, failed) -> {
          inTime.run();
          end(observer, response, failed);
        });
    control
        .offer(() -> run(request, method, answer))
        .ifPresent(full -> answer.completeExceptionally(full.exception()));
  }

  private static <Q extends Message, R> void run(
      Q request, Function<Q, CompletableFuture<R>> method, CompletableFuture<R> answer) {
    if (answer.isDone()) {
      return; // its deadline passed in the queue
    }
    CompletableFuture<R> made = made(request, method);
    answer.whenComplete((response, failed) -> made.cancel(false));
    made.whenComplete(
        (response, failed) -> {
          if (failed == null) {
            answer.complete(response);
          } else {
            answer.completeExceptionally(failed);
          }
        });
  }

  private static <Q extends Message, R> CompletableFuture<R> made(
      Q request, Function<Q, CompletableFuture<R>> method) {
    try {
      UnknownFields.fault(request)
          .ifPresent(
              fault -> {
                throw fault.exception();
              });
      return method.apply(request);
    } catch (RuntimeException failed) {
      return CompletableFuture.failedFuture(failed);
    }
  }

  private static <R> void end(StreamObserver<R> observer, R response, Throwable failed) {
    if (observer instanceof ServerCallStreamObserver<R> call && call.isCancelled()) {
      return;
    }
    Throwable cause = failed instanceof CompletionException ? failed.getCause() : failed;
    if (cause == null) {
      observer.onNext(response);
      observer.onCompleted();
    } else if (cause instanceof FaultException refused) {
      observer.onError(Statuses.of(refused.fault()));
    } else {
      logger.error("a unary call failed", cause);
      observer.onError(Statuses.defect().asRuntimeException());
    }
  }
}
