package dev.weir.service.rpc;

import com.google.protobuf.Message;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.session.Control;
import dev.weir.service.wire.UnknownFields;
import io.grpc.stub.StreamObserver;
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
    control
        .offer(() -> run(request, observer, method))
        .ifPresent(full -> observer.onError(Statuses.of(full)));
  }

  private <Q extends Message, R> void run(
      Q request, StreamObserver<R> observer, Function<Q, R> method) {
    try {
      UnknownFields.find(request)
          .ifPresent(
              path -> {
                throw Fault.unimplemented(path, "this server does not know it; leave it out")
                    .exception();
              });
      R response = method.apply(request);
      observer.onNext(response);
      observer.onCompleted();
    } catch (FaultException refused) {
      observer.onError(Statuses.of(refused.fault()));
    } catch (RuntimeException defect) {
      logger.error("{} failed", request.getDescriptorForType().getName(), defect);
      observer.onError(Statuses.defect().asRuntimeException());
    }
  }
}
