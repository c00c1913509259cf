package dev.weir.service.rpc;

import com.google.protobuf.MessageLite;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.fault.Fault;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.function.LongConsumer;

/** A call of a library's service that ends once, whoever ends it. Owned by its event loop. */
@OwnedBy("event loop")
final class EndableCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
  private final LongConsumer answered;
  private volatile boolean over; // the service may speak on other threads
  private volatile long lastBytes;

  EndableCall(ServerCall<Q, R> call) {
    this(call, bytes -> {});
  }

  /**
   * @param answered is told once that nothing more is sent, and the bytes of the last message
   */
  EndableCall(ServerCall<Q, R> call, LongConsumer answered) {
    super(call);
    this.answered = answered;
  }

  /** Ends it with a reason. Harmless when it has ended. */
  void end(Fault fault) {
    StatusRuntimeException why = Statuses.of(fault);
    close(why.getStatus(), Statuses.trailers(why));
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
      lastBytes = message instanceof MessageLite sized ? sized.getSerializedSize() : 0;
      super.sendMessage(message);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (!over) {
      over = true;
      answered.accept(lastBytes);
      super.close(status, trailers);
    }
  }
}
