package dev.weir.service.session;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;

/**
 * The time that the peer of a session has to take what it is answered: one that takes nothing ends,
 * as its answers hold memory that others need. Owned by the event loop.
 */
@OwnedBy("event loop")
public final class AnswerTimeout {
  private final ServerContext context;
  private final Loop loop;
  private final SessionHandler session;
  private final long nanosMax;
  private Runnable cancel; // null while no timer runs
  private boolean waiting;
  private long movedNanos; // when an answer was taken, or began to wait

  public AnswerTimeout(ServerContext context, Loop loop, SessionHandler session) {
    this.context = context;
    this.loop = loop;
    this.session = session;
    this.nanosMax = context.limits().get(Limit.ANSWER_TIMEOUT_MS) * 1_000_000L;
  }

  /**
   * The session has sent what it could.
   *
   * @param some whether it sent something
   * @param left whether something is left
   */
  public void moved(boolean some, boolean left) {
    if (left && (some || !waiting)) {
      movedNanos = context.epochNanos().getAsLong();
      if (cancel == null) { // one timer for many answers that wait a little
        cancel = loop.schedule(nanosMax, this::look);
      }
    }
    waiting = left;
  }

  private void look() {
    cancel = null;
    long wait = movedNanos + nanosMax - context.epochNanos().getAsLong();
    if (waiting && wait <= 0) {
      session.end(
          Fault.of(
              ErrorCode.DEADLINE_EXCEEDED,
              "The answers were not read within "
                  + context.limits().told(Limit.ANSWER_TIMEOUT_MS)
                  + ". Read them as they come."));
    } else if (waiting) {
      cancel = loop.schedule(wait, this::look);
    }
  }

  /** Ends waiting. */
  public void end() {
    if (cancel != null) {
      cancel.run();
      cancel = null;
    }
    waiting = false;
  }
}
