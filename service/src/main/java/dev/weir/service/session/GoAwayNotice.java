package dev.weir.service.session;

import com.google.protobuf.util.Durations;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.GoingAway;

/**
 * A planned end of a session. Immutable.
 *
 * @param why told to the client
 * @param leaveNanos from now on, after which the client is to leave
 * @param deadlineNanos from now on, after which one that was told is ended
 */
public record GoAwayNotice(Fault why, long leaveNanos, long deadlineNanos) {
  /** The end of a session that has its greatest age. */
  static GoAwayNotice tooOld(Limits limits) {
    Fault why =
        Fault.of(
            ErrorCode.SESSION_TOO_OLD,
            "The session has reached its greatest age, "
                + limits.told(Limit.SESSION_AGE_MS_MAX)
                + ". Open a new one.");
    return new GoAwayNotice(why, 0, graceNanos(limits));
  }

  /** Returns how long a session that was told has to leave, and how long it then has to settle. */
  static long graceNanos(Limits limits) {
    return limits.get(Limit.SHUTDOWN_GRACE_MS) * 1_000_000L / 2;
  }

  /** Returns the message to the client, without cursors. */
  GoingAway.Builder message() {
    return GoingAway.newBuilder()
        .setProblem(ProblemMessages.of(why))
        .setDeadline(Durations.fromNanos(deadlineNanos))
        .setReconnectDelay(Durations.fromNanos(leaveNanos));
  }
}
