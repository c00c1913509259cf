package dev.weir.service.rpc;

import com.google.common.net.HostAndPort;
import dev.weir.common.Loop;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.CallInfo;
import dev.weir.service.session.ResponseSender;
import dev.weir.service.session.SessionHandler;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives sessions by gRPC calls: each call is owned by the event loop of its connection. Callbacks
 * of transports without event loops (in-process) are posted to the loop.
 */
public final class SessionCallHandler {
  private static final Logger logger = LoggerFactory.getLogger(SessionCallHandler.class);

  /** Makes the session of a call. Called on the loop. */
  @FunctionalInterface
  public interface Starter {
    /** A new session that owns {@code out}. */
    SessionHandler start(Loop loop, ResponseSender out);
  }

  private final Loops loops;
  private final int onReadyThresholdBytes;
  private final int messageBytesMax;
  private final LongSupplier epochNanos;
  private final ConnectionUnreadAnswers.Bounds bounds;
  private final Set<Call> open = ConcurrentHashMap.newKeySet();
  private volatile Fault ending; // null while calls are taken

  /**
   * @param onReadyThresholdBytes unsent bytes above which a call is not ready; 1 means ready is
   *     "nothing unsent"
   * @param messageBytesMax a larger message ends its call
   * @param epochNanos the server's clock, Unix nanoseconds
   * @param bounds of what all calls have given to their connections and those have not sent
   */
  public SessionCallHandler(
      Loops loops,
      int onReadyThresholdBytes,
      int messageBytesMax,
      LongSupplier epochNanos,
      ConnectionUnreadAnswers.Bounds bounds) {
    this.loops = loops;
    this.bounds = bounds;
    this.epochNanos = epochNanos;
    this.onReadyThresholdBytes = onReadyThresholdBytes;
    this.messageBytesMax = messageBytesMax;
  }

  /** Handles the calls of one method. */
  ServerCallHandler<Slice, OutgoingMessage> handler(Starter starter) {
    return (grpc, headers) -> {
      Loop loop = loops.current();
      CallUnreadAnswers reader = CallUnreadAnswers.of(ConnectionHandler.current(), bounds, loop);
      Optional<Fault> full = reader.full(0);
      if (full.isPresent()) {
        GrpcStatuses.close(grpc, full.get());
        return new ServerCall.Listener<>() {};
      }
      Call call = new Call(grpc, loop, reader);
      MessageArrivalTracer progress = MessageArrivalTracer.current();
      call.facts.watch(progress::partial, progress::bytes);
      progress.endBy(why -> loop.post(() -> call.guarded(() -> call.end(why))));
      open.add(call);
      grpc.setOnReadyThreshold(onReadyThresholdBytes);
      call.run(() -> call.start(starter));
      return call.listener();
    };
  }

  /**
   * Ends every open call with a reason, once what was taken of it is answered, and those that still
   * come: a connection may start some until its client has heard that the server stops. Any thread.
   */
  public void endAll(Fault fault) {
    ending = fault;
    for (Call call : open) {
      call.loop.post(() -> call.guarded(() -> call.settle(fault)));
    }
  }

  /** Open calls now. Any thread. */
  public int openCalls() {
    return open.size();
  }

  /** Returns the fault for a message that is larger than any may be. */
  static Fault tooLarge(int bytes, int bytesMax) {
    return Fault.of(
        ErrorCode.TOO_LARGE,
        String.format(
            "The message has %d bytes, more than message_bytes_max (%d). Send less at once, or ask"
                + " the operator to raise the limit.",
            bytes, bytesMax));
  }

  private static String peer(ServerCall<?, ?> grpc) {
    SocketAddress address = grpc.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return address instanceof InetSocketAddress inet
        ? HostAndPort.fromParts(inet.getAddress().getHostAddress(), inet.getPort()).toString()
        : Objects.toString(address, "");
  }

  private final class Call implements ResponseSender {
    private final ServerCall<Slice, OutgoingMessage> grpc;
    private final Loop loop;
    private final CallInfo facts;
    private final CallUnreadAnswers reader;
    private SessionHandler session;
    private boolean headersSent;
    private boolean closed;
    private long unsentBytes; // counted in the budget
    private long sentBytes; // since it was ready

    Call(ServerCall<Slice, OutgoingMessage> grpc, Loop loop, CallUnreadAnswers reader) {
      this.grpc = grpc;
      this.reader = reader;
      this.loop = loop;
      this.facts = new CallInfo(peer(grpc), epochNanos);
    }

    private void start(Starter starter) {
      session = starter.start(loop, this);
      if (ending != null) {
        session.end(ending);
      }
    }

    /** Ends it at once; nothing if it has not started. */
    private void end(Fault fault) {
      if (session != null) {
        session.end(fault);
      }
    }

    /** Ends it; nothing if it has not started, because it will see by itself that all end. */
    private void settle(Fault fault) {
      if (session != null) {
        session.settle(fault);
      }
    }

    /** Runs on the loop; a defect ends this call and nothing else. */
    void run(Runnable callback) {
      if (loops.carryCallbacks() && loop.inLoop()) {
        guarded(callback);
      } else {
        loop.post(() -> guarded(callback));
      }
    }

    private void guarded(Runnable callback) {
      try {
        callback.run();
      } catch (RuntimeException defect) {
        logger.error(
            "Call {} failed. This is a defect; report it with the stack.",
            grpc.getMethodDescriptor().getFullMethodName(),
            defect);
        if (!closed) {
          closed = true;
          grpc.close(GrpcStatuses.defect(), new Metadata());
        }
      }
    }

    private void take(Slice message) {
      facts.received();
      if (message.length() <= messageBytesMax) {
        session.onMessage(message);
      } else {
        session.end(tooLarge(message.length(), messageBytesMax));
      }
    }

    ServerCall.Listener<Slice> listener() {
      return new ServerCall.Listener<>() {
        @Override
        public void onMessage(Slice message) {
          run(() -> take(message));
        }

        @Override
        public void onReady() {
          run(() -> session.onReady());
        }

        @Override
        public void onHalfClose() {
          run(() -> session.onHalfClosed());
        }

        @Override
        public void onCancel() {
          run(this::over);
        }

        @Override
        public void onComplete() {
          run(
              () -> {
                reader.taken();
                over();
              });
        }

        private void over() {
          open.remove(Call.this);
          closed = true;
          allSent();
          reader.over();
          if (session != null) { // a defect may have kept it from starting
            session.onClosed();
          }
        }
      };
    }

    @Override
    public boolean ready() {
      if (closed) {
        return false;
      }
      boolean ready = grpc.isReady();
      if (ready) {
        allSent();
      } else if (sentBytes > 0) {
        bounds.unsent().take(sentBytes);
        unsentBytes += sentBytes;
        sentBytes = 0;
      }
      return ready;
    }

    @Override
    public boolean peerReading() {
      return grpc.isReady();
    }

    /** Nothing more is sent; what was sent last counts as unsent until the call is over. */
    private boolean closes() {
      if (closed) {
        return false;
      }
      closed = true;
      bounds.unsent().take(sentBytes);
      unsentBytes += sentBytes;
      sentBytes = 0;
      reader.answered(unsentBytes);
      return true;
    }

    /** Nothing is unsent. */
    private void allSent() {
      sentBytes = 0;
      if (unsentBytes > 0) {
        bounds.unsent().giveBack(unsentBytes);
        unsentBytes = 0;
      }
    }

    @Override
    public CallInfo facts() {
      return facts;
    }

    @Override
    public long queueAnswer(int bytes) {
      return reader.queueAnswer(bytes);
    }

    @Override
    public void dequeueAnswer(int bytes) {
      reader.dequeueAnswer(bytes);
    }

    @Override
    public boolean hasRoom(int bytes) {
      return reader.hasRoom(bytes);
    }

    @Override
    public Optional<Fault> full(int bytes) {
      return reader.full(bytes);
    }

    @Override
    public void send(OutgoingMessage message) {
      if (closed) {
        return;
      }
      if (!headersSent) {
        headersSent = true;
        grpc.sendHeaders(new Metadata());
      }
      grpc.sendMessage(message);
      sentBytes += message.length();
      facts.sent();
    }

    @Override
    public void request(int messages) {
      if (!closed) {
        grpc.request(messages);
      }
    }

    @Override
    public void finish() {
      if (closes()) {
        grpc.close(Status.OK, new Metadata());
      }
    }

    @Override
    public void fail(Fault fault) {
      if (closes()) {
        GrpcStatuses.close(grpc, fault);
      }
    }
  }
}
