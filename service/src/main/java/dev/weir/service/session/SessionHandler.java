package dev.weir.service.session;

import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.Fault;

/**
 * The session that a call drives. All methods are called on the session's event loop and never
 * block.
 */
public interface SessionHandler {
  /** The peer sent a message; its bytes are not changed any more. */
  void onMessage(Slice message);

  /** Nothing is unsent any more. */
  void onReady();

  /** The peer sends no more messages. */
  void onHalfClosed();

  /** The server ends the call with a reason. Harmless when it has ended. */
  void end(Fault fault);

  /**
   * The same, but what was taken from the peer is answered first, as long as that does not take
   * longer than half of {@code shutdown_grace_ms}.
   */
  default void settle(Fault fault) {
    end(fault);
  }

  /** The call is to end as planned; its peer is told if it listens. */
  default void goAway(GoAwayNotice departure) {
    settle(departure.why());
  }

  /**
   * Adds one slice of what an operator is shown of it. Never blocks.
   *
   * @return whether there is more, to be added in another slice
   */
  default boolean describe(SessionDescription description) {
    return false;
  }

  /** The call is over, however it ended. Called once, last. */
  void onClosed();
}
