package dev.weir.service.session;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;

/** The time that the answer to one call may take. Owned by the event loop. */
@OwnedBy("event loop")
public final class CallTimeout {
  private Runnable cancel = () -> {};

  /** Returns the fault for a call that took too long. Any thread. */
  public static Fault late(long millisMax) {
    return Fault.of(
        ErrorCode.DEADLINE_EXCEEDED,
        "The call had no answer within "
            + millisMax
            + " ms (call_deadline_ms_max). Ask for less at once, or retry.");
  }

  /** The request is there; runs a task if there is no answer in time. */
  public void begin(Loop loop, long millisMax, Runnable late) {
    cancel.run();
    cancel = loop.schedule(millisMax * 1_000_000L, late);
  }

  /** There is an answer, or nobody waits for it. */
  public void end() {
    cancel.run();
    cancel = () -> {};
  }
}
