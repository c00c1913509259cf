package dev.weir.service.rpc;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * All messages whose end has not arrived. Where they hold more than their budget, the call that
 * holds most of it ends, so that the others can go on. Thread-safe; a message that arrives whole in
 * one read is not counted.
 */
public final class PartialMessageBudget {
  private final Budget budget;
  private final Duration retryDelay;
  private final Set<MessageArrivalTracer> holders = new HashSet<>(); // guarded by this
  private long leavingBytes; // of calls that were told to end; guarded by this

  /**
   * @param budget is charged
   * @param retryDelay told to calls that end
   */
  public PartialMessageBudget(Budget budget, Duration retryDelay) {
    this.budget = budget;
    this.retryDelay = retryDelay;
  }

  /** A call holds so much more. */
  void take(MessageArrivalTracer holder, long more) {
    synchronized (this) { // with the budget, so that nobody sees one changed and not the other
      budget.take(more);
      holder.hold(more);
      if (holder.isLeaving()) {
        leavingBytes += more;
      } else {
        holders.add(holder);
      }
    }
    while (relieve()) {
      budget.refused();
    }
  }

  /** Ends the call that holds most where all hold too much; false where they do not. */
  private boolean relieve() {
    MessageArrivalTracer most;
    Fault why;
    synchronized (this) {
      most = budget.used() - leavingBytes > budget.max() ? most() : null;
      if (most == null) {
        return false;
      }
      holders.remove(most);
      why = overloaded(most.heldBytes());
      most.leave();
      leavingBytes += most.heldBytes();
    }
    most.end(why);
    return true;
  }

  private MessageArrivalTracer most() {
    MessageArrivalTracer most = null;
    for (MessageArrivalTracer each : holders) {
      if (most == null || each.heldBytes() > most.heldBytes()) {
        most = each;
      }
    }
    return most;
  }

  /** A call holds nothing any more. */
  void giveBack(MessageArrivalTracer holder, long all) {
    synchronized (this) {
      holder.hold(-all);
      holders.remove(holder);
      leavingBytes -= holder.isLeaving() ? all : 0;
      budget.giveBack(all);
    }
  }

  private Fault overloaded(long bytes) {
    if (bytes > budget.max()) {
      return Fault.of(
          ErrorCode.TOO_LARGE,
          String.format(
              "A message of which %d bytes have arrived is larger than %s (%d). Send less at once,"
                  + " or ask the operator to raise the limit or the server's direct memory.",
              bytes, budget.name(), budget.max()));
    }
    return Fault.of(
            ErrorCode.OVERLOADED,
            String.format(
                "Messages that have not arrived whole took all of %s (%d), and this call was ended"
                    + " because it held most of it (%d bytes). Begin the call again after the"
                    + " delay, with smaller messages or fewer at once.",
                budget.name(), budget.max(), bytes))
        .retryAfter(retryDelay);
  }
}
