package dev.weir.service.session;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.budget.RevocableBudget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.latest.CutHolder;
import java.time.Duration;

/**
 * The memory that one peer's snapshots and pages of last values keep from being reused while values
 * change under them. Thread-safe.
 *
 * @param budget that of all peers
 * @param peer the remote address: one connection has it
 * @param retryDelay told to those that lose theirs
 */
public record SnapshotMemory(RevocableBudget budget, String peer, Duration retryDelay) {
  /**
   * Begins to hold last values for one purpose.
   *
   * @param revoked is called once where they are taken away for want of memory; any thread, must
   *     not block
   */
  public CutHolder hold(Runnable revoked) {
    return new CutHolder(budget, peer, revoked);
  }

  /**
   * Returns the error for a call that lost its last values.
   *
   * @param what was lost, such as "the snapshot of topic t"
   */
  public Fault lost(String what) {
    Budget of = budget.budget();
    return Fault.of(
            ErrorCode.OVERLOADED,
            String.format(
                "%s was not read in time: values changed under it, and what it kept of the old ones"
                    + " had no room in %s (%d bytes, of which %d are used) beside other snapshots."
                    + " Start again after the delay, read faster, select fewer sensors, or ask the"
                    + " operator to raise the limit and -Xmx.",
                what, of.name(), of.max(), of.used()))
        .retryAfter(retryDelay);
  }
}
