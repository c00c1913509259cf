package dev.weir.service.rpc;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.ServerContext;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;

/**
 * Charges each open call to the budget of sessions, and refuses calls for which it has no room.
 * Streams are refused when nine tenths are used, so that short calls still find room, of which no
 * connection gets much; a Read that waits is refused then by the session. Thread-safe.
 */
public final class CallBudget implements ServerInterceptor {
  /**
   * Heap of an open call: its stream in gRPC and Netty, and our session. Measured:
   * docs/performance.md, P5, less what a subscription is charged.
   */
  static final long CALL_BYTES = 2_800;

  /** Unary calls of one connection get an eighth of what is free of the last tenth. */
  private static final int PART_OF_FREE = 8;

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
    ConnectionHandler connection = ConnectionHandler.current();
    boolean full = isFull(call.getMethodDescriptor(), connection);
    if (full) {
      sessions.refused();
    }
    if (full || !sessions.tryTake(CALL_BYTES)) {
      GrpcStatuses.close(call, refusal(call.getMethodDescriptor(), connection));
      return new ServerCall.Listener<>() {};
    }
    try {
      return new Charged<>(
          next.startCall(call, headers), staysLong(call.getMethodDescriptor()) ? null : connection);
    } catch (RuntimeException defect) {
      sessions.giveBack(CALL_BYTES);
      throw defect;
    }
  }

  /** Returns whether nine tenths are used and this call may have nothing of the last one. */
  private boolean isFull(MethodDescriptor<?, ?> method, ConnectionHandler connection) {
    return sessions.isNearlyUsed() && (staysLong(method) || hasItsShare(connection));
  }

  private boolean hasItsShare(ConnectionHandler connection) {
    long free = sessions.max() - sessions.used();
    return connection != null && connection.shortCalls() * CALL_BYTES > free / PART_OF_FREE;
  }

  private static boolean staysLong(MethodDescriptor<?, ?> method) {
    return method.getType() != MethodDescriptor.MethodType.UNARY;
  }

  private Fault refusal(MethodDescriptor<?, ?> method, ConnectionHandler connection) {
    if (!staysLong(method) && hasItsShare(connection)) {
      return Fault.of(
              ErrorCode.OVERLOADED,
              String.format(
                  "%d of %d bytes (%s) are used, and this connection has %d unary calls open, which"
                      + " is its share of the rest. Wait for some of them before you make more, or"
                      + " ask the operator to raise the limit and -Xmx.",
                  sessions.used(), sessions.max(), sessions.name(), connection.shortCalls()))
          .retryAfter(retryDelay);
    }
    String full =
        staysLong(method)
            ? ServerContext.staysTooLong(sessions)
            : String.format(
                "%s (%d) has no room for one more call: %d bytes are used. Retry after the delay, or"
                    + " ask the operator to raise the limit and -Xmx.",
                sessions.name(), sessions.max(), sessions.used());
    return Fault.of(ErrorCode.OVERLOADED, full).retryAfter(retryDelay);
  }

  /** Gives the charge back when its call is over; gRPC says that once. */
  private final class Charged<Q> extends SimpleForwardingServerCallListener<Q> {
    private final ConnectionHandler connection; // null where its short calls are not counted

    Charged(ServerCall.Listener<Q> delegate, ConnectionHandler connection) {
      super(delegate);
      this.connection = connection;
      count(1);
    }

    private void count(int more) {
      if (connection != null) {
        connection.shortCalls(more);
      }
    }

    private void over() {
      count(-1);
      sessions.giveBack(CALL_BYTES);
    }

    @Override
    public void onCancel() {
      over();
      super.onCancel();
    }

    @Override
    public void onComplete() {
      over();
      super.onComplete();
    }
  }
}
