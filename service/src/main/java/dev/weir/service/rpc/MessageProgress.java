package dev.weir.service.rpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.function.Consumer;

/**
 * Knows how far the messages of a call have arrived. Written by the call's transport, one thread at
 * a time; read by any, but for bytes by that one.
 */
public final class MessageProgress extends ServerStreamTracer {
  private static final Context.Key<MessageProgress> KEY = Context.key("weir-message-progress");

  private final Consumer<Throwable> failed;
  private volatile long begun;
  private volatile long ended;
  private long bytes; // not volatile: it is written for each message

  private MessageProgress(Consumer<Throwable> failed) {
    this.failed = failed;
  }

  /**
   * Gives every call one.
   *
   * @param failed hears what ended a call, where something was thrown; on the call's loop
   */
  public static Factory factory(Consumer<Throwable> failed) {
    return new Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new MessageProgress(failed);
      }
    };
  }

  /** That of the call that is starting on this thread; one that knows nothing where it has none. */
  static MessageProgress current() {
    MessageProgress present = KEY.get();
    return present == null ? new MessageProgress(thrown -> {}) : present;
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void streamClosed(Status status) {
    if (status.getCause() != null) {
      failed.accept(status.getCause());
    }
  }

  @Override
  public void inboundMessage(int number) {
    begun = number + 1L;
  }

  @Override
  public void inboundMessageRead(int number, long wireBytes, long bytes) {
    ended = number + 1L;
  }

  @Override
  public void inboundWireSize(long more) {
    bytes += more;
  }

  /** Bytes of messages that have arrived, those of a part too. The call's loop. */
  long bytes() {
    return bytes;
  }

  /** A number of the message that has begun and not ended; 0 for none. */
  long partial() {
    long now = begun;
    return ended == now ? 0 : now;
  }
}
