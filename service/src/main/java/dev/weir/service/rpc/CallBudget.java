package dev.weir.service.rpc;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;

/**
 * Charges each open call to the budget of sessions, and refuses calls for which it has no room.
 * Streams are refused when nine tenths are used, so that short calls still find room; a Read that
 * waits is refused then by the session. Thread-safe.
 */
public final class CallBudget implements ServerInterceptor {
  /**
   * Heap of an open call: its stream in gRPC and Netty, and our session. Measured:
   * docs/performance.md, P5, less what a subscription is charged.
   */
  static final long CALL_BYTES = 2_800;

  private final Budget sessions;
  private final Duration retryDelay;

  /**
   * @param sessions the budget
   * @param retryDelay told to those refused
   */
  public CallBudget(Budget sessions, Duration retryDelay) {
    this.sessions = sessions;
    this.retryDelay = retryDelay;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    boolean full = staysLong(call.getMethodDescriptor()) && sessions.isNearlyUsed();
    if (full) {
      sessions.refused();
    }
    if (full || !sessions.tryTake(CALL_BYTES)) {
      Statuses.close(call, refusal());
      return new ServerCall.Listener<>() {};
    }
    try {
      return new Charged<>(next.startCall(call, headers));
    } catch (RuntimeException defect) {
      sessions.giveBack(CALL_BYTES);
      throw defect;
    }
  }

  private static boolean staysLong(MethodDescriptor<?, ?> method) {
    return method.getType() != MethodDescriptor.MethodType.UNARY;
  }

  private Fault refusal() {
    return Fault.of(
            ErrorCode.OVERLOADED,
            String.format(
                "%d of %d bytes (%s) are used by open calls and subscriptions, and new ones that"
                    + " stay long are refused from nine tenths on; retry later, end some of them,"
                    + " or ask the operator to raise the limit and the heap",
                sessions.used(), sessions.max(), sessions.name()))
        .retryAfter(retryDelay);
  }

  /** Gives the charge back when its call is over; gRPC says that once. */
  private final class Charged<Q> extends SimpleForwardingServerCallListener<Q> {
    Charged(ServerCall.Listener<Q> delegate) {
      super(delegate);
    }

    @Override
    public void onCancel() {
      sessions.giveBack(CALL_BYTES);
      super.onCancel();
    }

    @Override
    public void onComplete() {
      sessions.giveBack(CALL_BYTES);
      super.onComplete();
    }
  }
}
