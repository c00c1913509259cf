package dev.weir.service.rpc;

import dev.weir.service.core.fault.Fault;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.function.Consumer;

/**
 * Knows how far the messages of a call have arrived, and charges what is long of them. Written by
 * the call's transport, one thread at a time; read by any, but for bytes by that one.
 */
public final class MessageProgress extends ServerStreamTracer {
  /** What is held of a message is charged in steps: what is shorter costs nothing to count. */
  static final int STEP_BYTES = 16 << 10;

  /** What a part of a message holds at least: its buffer, and the objects around it. */
  static final int PART_BYTES_LEAST = 1_024;

  private static final Context.Key<MessageProgress> KEY = Context.key("weir-message-progress");

  private final Arriving arriving; // null: nothing is charged
  private final Consumer<Throwable> failed;
  private volatile long begun;
  private volatile long ended;
  private long bytes; // not volatile: it is written for each message
  private long partBytes; // of the message that is arriving
  private volatile long chargedBytes;
  private long leftBytes; // guarded by arriving
  private volatile Consumer<Fault> end = fault -> {};

  private MessageProgress(Arriving arriving, Consumer<Throwable> failed) {
    this.arriving = arriving;
    this.failed = failed;
  }

  /**
   * Gives every call one.
   *
   * @param arriving is charged what is arriving
   * @param failed hears what ended a call, where something was thrown; on the call's loop
   */
  public static Factory factory(Arriving arriving, Consumer<Throwable> failed) {
    return new Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new MessageProgress(arriving, failed);
      }
    };
  }

  /** That of the call that is starting on this thread; one that knows nothing where it has none. */
  static MessageProgress current() {
    MessageProgress present = KEY.get();
    return present == null ? new MessageProgress(null, thrown -> {}) : present;
  }

  /** From now on its call can be ended: at once, from any thread. */
  void endBy(Consumer<Fault> how) {
    end = how;
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void inboundMessage(int number) {
    begun = number + 1L;
  }

  @Override
  public void inboundMessageRead(int number, long wireBytes, long bytes) {
    ended = number + 1L;
    release();
  }

  @Override
  public void inboundWireSize(long more) {
    bytes += more;
    partBytes += Math.max(more, PART_BYTES_LEAST);
    if (arriving != null && partBytes - chargedBytes >= STEP_BYTES) {
      long step = partBytes - chargedBytes;
      chargedBytes = partBytes;
      arriving.take(this, step);
    }
  }

  @Override
  public void streamClosed(Status status) {
    release();
    if (status.getCause() != null) {
      failed.accept(status.getCause());
    }
  }

  private void release() {
    partBytes = 0;
    long all = chargedBytes;
    if (all > 0) {
      chargedBytes = 0;
      arriving.giveBack(this, all);
    }
  }

  /** What is charged of the message that is arriving. */
  long heldBytes() {
    return chargedBytes;
  }

  /** It is about to end: what it holds counts as free. Guarded by its {@link Arriving}. */
  long leave() {
    leftBytes = chargedBytes;
    return leftBytes;
  }

  /** Whether it is about to end. Guarded by its {@link Arriving}. */
  boolean isLeaving() {
    return leftBytes > 0;
  }

  /** What counted as free, once. Guarded by its {@link Arriving}. */
  long leftBytes() {
    long left = leftBytes;
    leftBytes = 0;
    return left;
  }

  /** Ends its call. */
  void end(Fault why) {
    end.accept(why);
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
