package dev.weir.service.rpc;

import com.google.protobuf.MessageLite;
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
 * The calls of services that are the library's, health and reflection: their messages may not be
 * larger than others, and their streams, which stay open as long as their clients like, are ended
 * when the server stops. Thread-safe.
 */
public final class ForeignCalls implements ServerInterceptor {
  private final Loops loops;
  private final int messageBytesMax;
  private final Map<EndableCall<?, ?>, Loop> open = new ConcurrentHashMap<>();
  private volatile Fault ending; // null while calls are taken

  /** None is open; a larger message ends its call. */
  public ForeignCalls(Loops loops, int messageBytesMax) {
    this.loops = loops;
    this.messageBytesMax = messageBytesMax;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    EndableCall<Q, R> endable = new EndableCall<>(call);
    Loop loop = loops.current();
    ServerCall.Listener<Q> listener = next.startCall(endable, headers);
    open.put(endable, loop);
    if (ending != null) {
      loop.post(() -> end(endable, ending));
    }
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q message) {
        int bytes = message instanceof MessageLite sized ? sized.getSerializedSize() : 0;
        if (bytes <= messageBytesMax) {
          super.onMessage(message);
        } else {
          endable.end(StreamCalls.tooLarge(bytes, messageBytesMax));
        }
      }

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

  /** Ends the streams that are open, and those that still come. Any thread. */
  public void endAll(Fault fault) {
    ending = fault;
    open.forEach((call, loop) -> loop.post(() -> end(call, fault)));
  }

  /** What has one answer is answered at once by itself. */
  private static void end(EndableCall<?, ?> call, Fault fault) {
    if (!call.getMethodDescriptor().getType().serverSendsOneMessage()) {
      call.end(fault);
    }
  }
}
