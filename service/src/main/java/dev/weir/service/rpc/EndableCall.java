package dev.weir.service.rpc;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.fault.Fault;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** A call of a library's service that ends once, whoever ends it. Owned by its event loop. */
@OwnedBy("event loop")
final class EndableCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
  private volatile boolean over; // the service may speak on other threads

  EndableCall(ServerCall<Q, R> call) {
    super(call);
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
      super.sendMessage(message);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (!over) {
      over = true;
      super.close(status, trailers);
    }
  }
}
