package dev.weir.service.rpc;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.Fault;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.function.LongConsumer;

/** A call of a library's service that ends once, whoever ends it. Owned by its event loop. */
@OwnedBy("event loop")
final class EndableCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
  private final LongConsumer sent;
  private final Runnable closed;
  private volatile boolean over; // the service may speak on other threads

  EndableCall(ServerCall<Q, R> call) {
    this(call, bytes -> {}, () -> {});
  }

  /**
   * @param sent is told the bytes of each message that is sent as bytes, on any thread
   * @param closed is told once that nothing more is sent, on any thread
   */
  EndableCall(ServerCall<Q, R> call, LongConsumer sent, Runnable closed) {
    super(call);
    this.sent = sent;
    this.closed = closed;
  }

  /** Ends it with a reason. Harmless when it has ended. */
  void end(Fault fault) {
    GrpcStatuses.close(this, fault);
  }

  @Override
  public void sendHeaders(Metadata headers) {
    if (!over) {
      super.sendHeaders(headers);
    }
  }

  @Override
  public void sendMessage(R message) {
    if (!over) {
      super.sendMessage(message);
      if (message instanceof Slice bytes) {
        sent.accept(bytes.length());
      }
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (!over) {
      over = true;
      super.close(status, trailers);
      closed.run();
    }
  }
}
