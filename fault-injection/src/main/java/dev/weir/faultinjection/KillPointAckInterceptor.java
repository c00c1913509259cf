package dev.weir.faultinjection;

import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.PublishStreamResponse;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Dies before an ack is given to the transport, or once the operating system has it: a call is
 * ready again when nothing of it is unsent. Thread-safe.
 */
final class KillPointAckInterceptor implements ServerInterceptor {
  private static final String PUBLISHING =
      PublishServiceGrpc.getPublishStreamMethod().getFullMethodName();

  /** The first byte of a response that is an ack: its field, with a length. */
  private static final int ACK_TAG = PublishStreamResponse.ACK_FIELD_NUMBER << 3 | 2;

  private final KillSwitch kill;

  KillPointAckInterceptor(KillSwitch kill) {
    this.kill = kill;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!call.getMethodDescriptor().getFullMethodName().equals(PUBLISHING)) {
      return next.startCall(call, headers);
    }
    Watched<Q, A> watched = new Watched<>(call);
    return watched.listener(next.startCall(watched, headers));
  }

  private static boolean isAck(Object message) {
    try (InputStream bytes = ((OutgoingMessage) message).stream()) {
      return bytes.read() == ACK_TAG;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One publishing call. Owned by its event loop. */
  private final class Watched<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private boolean sending;

    Watched(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void sendMessage(A message) {
      boolean ack = isAck(message);
      if (ack) {
        kill.reached(KillPoint.ACK_BEFORE_SEND, "");
      }
      sending |= ack;
      super.sendMessage(message);
    }

    ServerCall.Listener<Q> listener(ServerCall.Listener<Q> inner) {
      return new SimpleForwardingServerCallListener<>(inner) {
        @Override
        public void onReady() {
          if (sending) {
            sending = false;
            kill.reached(KillPoint.ACK_SENT, "");
          }
          super.onReady();
        }
      };
    }
  }
}
