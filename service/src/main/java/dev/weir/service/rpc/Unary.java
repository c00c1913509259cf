package dev.weir.service.rpc;

import com.google.protobuf.Message;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.session.Control;
import dev.weir.service.wire.UnknownFields;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs unary methods on the control pool, so that they may block. Thread-safe.
 *
 * @param control the pool
 */
record Unary(Control control) {
  private static final Logger logger = LoggerFactory.getLogger(Unary.class);

  /** Answers a request, or refuses what this server does not know in it. */
  <Q extends Message, R> void answer(Q request, StreamObserver<R> observer, Function<Q, R> method) {
    answerLater(request, observer, asked -> CompletableFuture.completedFuture(method.apply(asked)));
  }

  /**
   * The same for a method whose answer comes later, from any thread; the method itself may throw.
   */
  <Q extends Message, R> void answerLater(
      Q request, StreamObserver<R> observer, Function<Q, CompletableFuture<R>> method) {
    control
        .offer(() -> run(request, method).whenComplete((r, failed) -> end(observer, r, failed)))
        .ifPresent(full -> observer.onError(Statuses.of(full)));
  }

  private static <Q extends Message, R> CompletableFuture<R> run(
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
