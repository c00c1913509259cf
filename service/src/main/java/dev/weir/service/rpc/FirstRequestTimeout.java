package dev.weir.service.rpc;

import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Ends calls of one request whose request does not come in time; sessions do that themselves. Only
 * for transports whose callbacks come on the loop. Thread-safe.
 */
public final class FirstRequestTimeout implements ServerInterceptor {
  private final Loops loops;
  private final long millisMax;

  /** Gives each request so long. */
  public FirstRequestTimeout(Loops loops, long millisMax) {
    this.loops = loops;
    this.millisMax = millisMax;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (!call.getMethodDescriptor().getType().clientSendsOneMessage()) {
      return next.startCall(call, headers);
    }
    EndableCall<Q, R> timed = new EndableCall<>(call);
    Fault late =
        Fault.of(
            ErrorCode.DEADLINE_EXCEEDED,
            "The request did not come within open_timeout_ms ("
                + millisMax
                + "). Send it at once, or ask the operator to raise the limit.");
    Runnable inTime = loops.current().schedule(millisMax * 1_000_000L, () -> timed.end(late));
    return new SimpleForwardingServerCallListener<>(next.startCall(timed, headers)) {
      @Override
      public void onMessage(Q message) {
        inTime.run();
        super.onMessage(message);
      }

      @Override
      public void onCancel() {
        inTime.run();
        super.onCancel();
      }

      @Override
      public void onComplete() {
        inTime.run();
        super.onComplete();
      }
    };
  }
}
