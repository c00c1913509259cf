package dev.weir.service.rpc;

import dev.weir.service.core.fault.Fault;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.function.Consumer;

/**
 * Knows how far the messages of a call have arrived, and charges what is there of one whose end has
 * not come with the same read of its connection. Written by the call's transport, one thread at a
 * time; read by any, but for bytes by that one.
 */
public final class MessageArrivalTracer extends ServerStreamTracer {
  /** So much of a message is charged at once, and less when the read is over. */
  static final int STEP_BYTES = 16 << 10;

  /** The least bytes that a part of a message holds: its buffer, and the objects around it. */
  static final int PART_BYTES_LEAST = 1_024;

  private static final Context.Key<MessageArrivalTracer> KEY = Context.key("weir-message-progress");

  private final PartialMessageBudget arriving; // null: nothing is charged
  private final Consumer<Throwable> failed;
  private final ConnectionHandler connection; // null for transports without
  private volatile long begun;
  private volatile long ended;
  private long bytes; // not volatile: it is written for each message
  private long partBytes; // of the message that is arriving
  private long chargedBytes;
  private long heldBytes; // as charged; guarded by arriving, as the next
  private boolean leaving;
  private volatile Consumer<Fault> end = fault -> {};

  private MessageArrivalTracer(PartialMessageBudget arriving, Consumer<Throwable> failed) {
    this.arriving = arriving;
    this.failed = failed;
    this.connection = ConnectionHandler.current();
  }

  /**
   * Gives every call one.
   *
   * @param arriving is charged what is arriving
   * @param failed hears what ended a call, where something was thrown; on the call's loop
   */
  public static Factory factory(PartialMessageBudget arriving, Consumer<Throwable> failed) {
    return new Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new MessageArrivalTracer(arriving, failed);
      }
    };
  }

  /**
   * Returns the tracer of the call that is starting on this thread; one that knows nothing where it
   * has none.
   */
  static MessageArrivalTracer current() {
    MessageArrivalTracer present = KEY.get();
    return present == null ? new MessageArrivalTracer(null, thrown -> {}) : present;
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
    if (partBytes - chargedBytes >= STEP_BYTES) {
      charge();
    } else if (connection != null) {
      connection.arrived(this);
    }
  }

  /** Charges what is there of a message and is not charged. */
  void charge() {
    long more = partBytes - chargedBytes;
    if (more > 0 && arriving != null) {
      chargedBytes = partBytes;
      arriving.take(this, more);
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

  /**
   * Holds more of a message, or less. Guarded by its {@link PartialMessageBudget}, as all that
   * follows.
   */
  void hold(long more) {
    heldBytes += more;
  }

  /** Returns the bytes that it holds of the message that is arriving. */
  long heldBytes() {
    return heldBytes;
  }

  /** It is about to end: what it holds counts as free from now on. */
  void leave() {
    leaving = true;
  }

  /** Returns whether it is about to end. */
  boolean isLeaving() {
    return leaving;
  }

  /** Ends its call. Any thread. */
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
