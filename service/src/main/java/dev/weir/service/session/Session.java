package dev.weir.service.session;

import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.GetSessionResponse;

/** What a call drives. All methods are called on the session's event loop and never block. */
public interface Session {
  /** The peer sent a message; its bytes are not changed any more. */
  void onMessage(Slice message);

  /** Nothing is unsent any more. */
  void onReady();

  /** The peer sends no more messages. */
  void onHalfClosed();

  /** The server ends the call with a reason. Harmless when it has ended. */
  void end(Fault fault);

  /**
   * Adds what an operator is shown of it, except {@code session}, which others fill. Never blocks.
   */
  default void describe(GetSessionResponse.Builder description) {}

  /** The call is over, however it ended. Called once, last. */
  void onClosed();
}
