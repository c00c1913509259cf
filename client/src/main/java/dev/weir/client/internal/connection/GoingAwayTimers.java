package dev.weir.client.internal.connection;

import com.google.protobuf.Duration;
import dev.weir.client.WeirException;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.threads.ClientLoop;
import dev.weir.common.OwnedBy;
import dev.weir.v1.GoingAway;

/**
 * The planned end of one link: when to leave it, and when the server has given up waiting for that.
 * Owned by its session, on the loop.
 */
@OwnedBy("loop")
public final class GoingAwayTimers {
  /** The feature that a client lists to receive the message. */
  public static final String FEATURE = "going_away";

  /** Times beyond this are as good as never; they would overflow. */
  private static final long SECONDS_MAX = 31_536_000;

  private final ClientLoop loop;
  private ClientLoop.Timer leave;
  private ClientLoop.Timer end;
  private WeirException cause;
  private boolean begun;

  public GoingAwayTimers(ClientLoop loop) {
    this.loop = loop;
  }

  /** The server is going away; a later word replaces an earlier one. */
  public void plan(GoingAway message, Runnable toLeave, Runnable toEnd) {
    cancelTimers();
    cause = ErrorTranslator.of(message.getProblem());
    Runnable atItsTime =
        () -> {
          begun = true;
          toLeave.run();
        };
    leave = loop.schedule(atItsTime, nanos(message.getReconnectDelay()));
    end = loop.schedule(toEnd, nanos(message.getDeadline()));
  }

  private static long nanos(Duration wait) {
    long seconds = Math.max(0, Math.min(SECONDS_MAX, wait.getSeconds()));
    return Math.max(0, seconds * 1_000_000_000L + wait.getNanos());
  }

  /** Returns whether the time to leave has come: nothing new belongs on this link. */
  public boolean isBegun() {
    return begun;
  }

  /** Returns the reason that the server gave; null before. */
  public WeirException cause() {
    return cause;
  }

  /** The link is gone. */
  public void forget() {
    cancelTimers();
    cause = null;
    begun = false;
  }

  private void cancelTimers() {
    if (leave != null) {
      leave.cancel();
      end.cancel();
    }
  }
}
