package dev.weir.service.session;

import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.Fault;

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

  /** The call is over, however it ended. Called once, last. */
  void onClosed();
}
