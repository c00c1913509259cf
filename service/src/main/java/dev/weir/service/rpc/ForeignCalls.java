package dev.weir.service.rpc;

import dev.weir.service.core.Loop;
import dev.weir.service.core.fault.Fault;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The streams of services that are the library's, health and reflection: they stay open as long as
 * their clients like, and so must be ended when the server stops. Thread-safe.
 */
public final class ForeignCalls implements ServerInterceptor {
  private final Loops loops;
  private final Map<EndableCall<?, ?>, Loop> open = new ConcurrentHashMap<>();
  private volatile Fault ending; // null while calls are taken

  /** None is open. */
  public ForeignCalls(Loops loops) {
    this.loops = loops;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (call.getMethodDescriptor().getType().serverSendsOneMessage()) {
      return next.startCall(call, headers);
    }
    EndableCall<Q, R> endable = new EndableCall<>(call);
    Loop loop = loops.current();
    ServerCall.Listener<Q> listener = next.startCall(endable, headers);
    open.put(endable, loop);
    if (ending != null) {
      loop.post(() -> endable.end(ending));
    }
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onCancel() {
        open.remove(endable);
        super.onCancel();
      }

      @Override
      public void onComplete() {
        open.remove(endable);
        super.onComplete();
      }
    };
  }

  /** Ends those that are open, and those that still come. Any thread. */
  public void endAll(Fault fault) {
    ending = fault;
    open.forEach((call, loop) -> loop.post(() -> call.end(fault)));
  }
}
