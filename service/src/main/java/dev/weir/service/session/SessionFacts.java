package dev.weir.service.session;

import dev.weir.service.core.OwnedBy;
import dev.weir.v1.Session;
import java.util.function.LongSupplier;

/**
 * Who is at the other end of a call, and when something last passed. Owned by the call's event
 * loop; the call notes what passes, its session notes the client's name.
 */
@OwnedBy("event loop")
public final class SessionFacts {
  private final String peer;
  private final LongSupplier epochNanos;
  private final long startNanos;
  private String client = "";
  private long receivedNanos;
  private long sentNanos;

  /**
   * Begins now.
   *
   * @param peer the remote address, for people
   * @param epochNanos the server's clock, Unix nanoseconds
   */
  public SessionFacts(String peer, LongSupplier epochNanos) {
    this.peer = peer;
    this.epochNanos = epochNanos;
    this.startNanos = epochNanos.getAsLong();
    this.receivedNanos = startNanos; // the call itself
  }

  /** What the client calls itself. */
  void client(String name) {
    client = name;
  }

  /** The client sent a message. */
  public void received() {
    receivedNanos = epochNanos.getAsLong();
  }

  /** A message was sent to the client. */
  public void sent() {
    sentNanos = epochNanos.getAsLong();
  }

  /** Says it all. */
  public void describe(Session.Builder session) {
    session
        .setPeer(peer)
        .setClient(client)
        .setStartTime(Times.timestamp(startNanos))
        .setLastReceivedTime(Times.timestamp(receivedNanos));
    if (sentNanos != 0) {
      session.setLastSentTime(Times.timestamp(sentNanos));
    }
  }
}
