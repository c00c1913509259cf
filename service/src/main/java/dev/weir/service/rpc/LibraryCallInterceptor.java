package dev.weir.service.rpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.common.Loop;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.RequestParser;
import dev.weir.service.wire.check.MessageBytesCheck;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * The calls of services that are the library's, health and reflection: their messages are bounded
 * and charged as others are, and their streams, which stay open as long as their clients like, are
 * ended when the server stops. Thread-safe.
 */
public final class LibraryCallInterceptor implements ServerInterceptor {
  private final Loops loops;
  private final int messageBytesMax;
  private final ConnectionUnreadAnswers.Bounds bounds;
  private final BiFunction<Descriptor, Slice, RequestParser.Admitted> admission;
  private final Map<EndableCall<?, ?>, Loop> open = new ConcurrentHashMap<>();
  private volatile Fault ending; // null while calls are taken

  /**
   * None is open.
   *
   * @param messageBytesMax a larger message ends its call
   * @param bounds of answers that are not read
   * @param admission looks at a message of a type before it is parsed; called on event loops, must
   *     not block
   */
  public LibraryCallInterceptor(
      Loops loops,
      int messageBytesMax,
      ConnectionUnreadAnswers.Bounds bounds,
      BiFunction<Descriptor, Slice, RequestParser.Admitted> admission) {
    this.bounds = bounds;
    this.admission = admission;
    this.loops = loops;
    this.messageBytesMax = messageBytesMax;
  }

  /** A service of the library, its calls bounded and ended like others. */
  public ServerServiceDefinition with(BindableService service) {
    // the interceptor sees bytes, so that malformed ones are answered as everywhere
    return ServerInterceptors.intercept(
        ServerInterceptors.useMarshalledMessages(service.bindService(), Marshallers.BYTES), this);
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Loop loop = loops.current();
    CallUnreadAnswers reader = CallUnreadAnswers.of(ConnectionHandler.current(), bounds, loop);
    Optional<Fault> full = reader.full(0);
    if (full.isPresent()) {
      new EndableCall<>(call).end(full.get());
      return new ServerCall.Listener<>() {};
    }
    call.setOnReadyThreshold(1); // ready means that nothing is unsent
    LibraryCallAnswers answers = new LibraryCallAnswers(call, bounds.unsent(), reader);
    EndableCall<Q, R> endable =
        new EndableCall<>(
            call, bytes -> run(loop, () -> answers.sent(bytes)), () -> run(loop, answers::closed));
    MessageArrivalTracer.current().endBy(why -> loop.post(() -> endable.end(why)));
    ServerCall.Listener<Q> listener = next.startCall(endable, headers);
    open.put(endable, loop);
    if (ending != null) {
      loop.post(() -> end(endable, ending));
    }
    return new BoundedListener<>(listener, endable, loop, answers, reader);
  }

  /** Ends the streams that are open, and those that still come. Any thread. */
  public void endAll(Fault fault) {
    ending = fault;
    open.forEach((call, loop) -> loop.post(() -> end(call, fault)));
  }

  private void run(Loop loop, Runnable task) {
    if (loops.carryCallbacks() && loop.inLoop()) {
      task.run();
    } else {
      loop.post(task);
    }
  }

  private static Descriptor type(MethodDescriptor<?, ?> method) {
    var schema = (ProtoMethodDescriptorSupplier) method.getSchemaDescriptor();
    return schema.getMethodDescriptor().getInputType();
  }

  /** Ends a call that may have many answers; a call with one is answered at once by itself. */
  private static void end(EndableCall<?, ?> call, Fault fault) {
    if (!call.getMethodDescriptor().getType().serverSendsOneMessage()) {
      call.end(fault);
    }
  }

  /** Bounds and charges the messages of one call before the library gets them. On its loop. */
  private final class BoundedListener<Q> extends SimpleForwardingServerCallListener<Q> {
    private final EndableCall<Q, ?> call;
    private final Loop loop;
    private final LibraryCallAnswers answers;
    private final CallUnreadAnswers reader;
    private RequestParser.Admitted held; // what the library may keep; null for nothing

    BoundedListener(
        ServerCall.Listener<Q> library,
        EndableCall<Q, ?> call,
        Loop loop,
        LibraryCallAnswers answers,
        CallUnreadAnswers reader) {
      super(library);
      this.call = call;
      this.loop = loop;
      this.answers = answers;
      this.reader = reader;
    }

    @Override
    public void onMessage(Q message) {
      Slice bytes = (Slice) message;
      Descriptor type = type(call.getMethodDescriptor());
      Optional<Fault> refused = admit(type, bytes);
      if (refused.isPresent()) {
        call.end(refused.get());
        return;
      }
      try {
        super.onMessage(message);
      } catch (StatusRuntimeException failed) {
        if (!(failed.getCause() instanceof InvalidProtocolBufferException)) {
          throw failed;
        }
        call.end(MessageBytesCheck.malformed(type, bytes));
      }
    }

    /** Charges a message in place of the one before, or says why it is not taken. */
    private Optional<Fault> admit(Descriptor type, Slice bytes) {
      if (bytes.length() > messageBytesMax) {
        return Optional.of(SessionCallHandler.tooLarge(bytes.length(), messageBytesMax));
      }
      Optional<Fault> wrong =
          LibraryRequestCheck.refusal(type, bytes)
              .or(() -> reader.full(bytes.length())); // what is asked may be part of the answer
      if (wrong.isPresent()) {
        return wrong;
      }
      release(); // of a stream, the library keeps no message but the last
      RequestParser.Admitted admitted = admission.apply(type, bytes);
      if (admitted.refusal().isEmpty()) {
        held = admitted;
      }
      return admitted.refusal();
    }

    @Override
    public void onHalfClose() {
      super.onHalfClose();
      if (call.getMethodDescriptor().getType().serverSendsOneMessage()) {
        release(); // it is answered; a stream keeps what it was asked as long as it is open
      }
    }

    @Override
    public void onReady() {
      run(loop, answers::ready);
      super.onReady();
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

    private void over() {
      open.remove(call);
      release();
      run(loop, answers::over);
    }

    private void release() {
      if (held != null) {
        held.release();
        held = null;
      }
    }
  }
}
