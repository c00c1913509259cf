package dev.weir.service.session;

import dev.weir.service.core.fault.Fault;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import java.util.Optional;

/** The way back to a session's peer. Event loop only; nothing here blocks. */
public interface ResponseSender {
  /**
   * Returns whether nothing is unsent. When it becomes true again, {@link SessionHandler#onReady}
   * is called.
   */
  boolean ready();

  /** Returns whether its peer takes what is sent, at about this time. Any thread. */
  boolean peerReading();

  /** Returns the facts about the call and its peer. */
  CallInfo facts();

  /** Sends a message; while not {@link #ready} it is buffered, so ask first. */
  void send(OutgoingMessage message);

  /** Returns whether an answer of so many bytes is taken now; nobody is refused by asking. */
  default boolean hasRoom(int bytes) {
    return true;
  }

  /**
   * Returns why an answer of so many bytes is not taken now, as others were not read; empty if it
   * is.
   */
  default Optional<Fault> full(int bytes) {
    return Optional.empty();
  }

  /**
   * Counts an answer that waits for the loop until {@link #dequeueAnswer}, with the same bytes; the
   * bytes of all of its connection that do. Any thread.
   */
  default long queueAnswer(int bytes) {
    return bytes;
  }

  /** Such an answer waits no more. Any thread. */
  default void dequeueAnswer(int bytes) {}

  /** Lets the peer send more messages. */
  void request(int messages);

  /** Ends the call well. Nothing may be sent afterwards. */
  void finish();

  /** Ends the call with a reason. Nothing may be sent afterwards. */
  void fail(Fault fault);
}
