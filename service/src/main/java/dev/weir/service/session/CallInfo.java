package dev.weir.service.session;

import com.google.protobuf.util.Timestamps;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.fair.Caller;
import dev.weir.v1.Session;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The peer of a call, and the times at which something last passed. Owned by the call's event loop;
 * the call notes what passes, its session notes the client's name. Any thread may ask when it
 * began, what is under way, and for all of it as it is at about that time.
 */
@OwnedBy("event loop")
public final class CallInfo {
  private static final VarHandle CLIENT = handle("client", String.class);
  private static final VarHandle RECEIVED = handle("receivedNanos", long.class);
  private static final VarHandle SENT = handle("sentNanos", long.class);

  private final String peer;
  private final LongSupplier epochNanos;
  private final long startNanos;

  // Other threads look at these three, written so that it costs nothing on the way of a batch.
  private String client = "";
  private long receivedNanos;

  @SuppressWarnings("UnusedVariable") // read by its handle
  private long sentNanos;

  private LongSupplier partial = () -> 0;
  private LongSupplier bytes = () -> 0;

  /**
   * Begins now.
   *
   * @param peer the remote address, for people
   * @param epochNanos the server's clock, Unix nanoseconds
   */
  public CallInfo(String peer, LongSupplier epochNanos) {
    this.peer = peer;
    this.epochNanos = epochNanos;
    this.startNanos = epochNanos.getAsLong();
    this.receivedNanos = startNanos; // the call itself
  }

  /** Notes the name that the client gives itself. */
  public void client(String name) {
    CLIENT.setRelease(this, name);
  }

  /** Returns the name that the client gives itself; empty before. */
  public String client() {
    return client;
  }

  /**
   * It as a caller: calls of one connection share a turn.
   *
   * @param wanted whether the call still waits for what is done for it; any thread
   */
  public Caller caller(BooleanSupplier wanted) {
    return new Caller(peer, wanted);
  }

  /** The remote address: one connection has it. */
  public String peer() {
    return peer;
  }

  /** The host it comes from. */
  String host() {
    int port = peer.lastIndexOf(':');
    return port < 0 ? peer : peer.substring(0, port);
  }

  /** Returns the time at which the call began. */
  long startNanos() {
    return startNanos;
  }

  /** Returns the time at which its last message came. */
  long receivedNanos() {
    return receivedNanos;
  }

  /**
   * Notes where what it is sending stands.
   *
   * @param part changes with each message; 0 where none has begun without ending
   * @param arrived bytes that came, those of a message that has not ended too; the loop asks
   */
  public void watch(LongSupplier part, LongSupplier arrived) {
    partial = part;
    bytes = arrived;
  }

  /** Bytes that came, those of a message that has not ended too. */
  long receivedBytes() {
    return bytes.getAsLong();
  }

  /** The message that has begun and not ended, as a number of its own; 0 for none. */
  long partial() {
    return partial.getAsLong();
  }

  /** The client sent a message. */
  public void received() {
    RECEIVED.setOpaque(this, epochNanos.getAsLong());
  }

  /** A message was sent to the client. */
  public void sent() {
    SENT.setOpaque(this, epochNanos.getAsLong());
  }

  /** Says it all. Any thread. */
  public void describe(Session.Builder session) {
    session
        .setPeer(peer)
        .setClient((String) CLIENT.getAcquire(this))
        .setStartTime(Timestamps.fromNanos(startNanos))
        .setLastReceivedTime(Timestamps.fromNanos((long) RECEIVED.getOpaque(this)));
    long sent = (long) SENT.getOpaque(this);
    if (sent != 0) {
      session.setLastSentTime(Timestamps.fromNanos(sent));
    }
  }

  private static VarHandle handle(String field, Class<?> type) {
    try {
      return MethodHandles.lookup().findVarHandle(CallInfo.class, field, type);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }
}
