package dev.weir.client.internal.reconnect;

import com.google.protobuf.Duration;
import dev.weir.client.WeirException;
import dev.weir.client.internal.Errors;
import dev.weir.client.internal.Loop;
import dev.weir.client.internal.OwnedBy;
import dev.weir.v1.GoingAway;

/**
 * The planned end of one link: when to leave it, and when the server has given up waiting for that.
 * Owned by its session, on the loop.
 */
@OwnedBy("loop")
final class Leaving {
  /** What a client lists that wants to be told. */
  static final String FEATURE = "going_away";

  /** Times beyond this are as good as never; they would overflow. */
  private static final long SECONDS_MAX = 31_536_000;

  private final Loop loop;
  private Loop.Timer leave;
  private Loop.Timer end;
  private WeirException cause;
  private boolean begun;

  Leaving(Loop loop) {
    this.loop = loop;
  }

  /** The server is going away; a later word replaces an earlier one. */
  void plan(GoingAway message, Runnable toLeave, Runnable toEnd) {
    cancelTimers();
    cause = Errors.of(message.getProblem());
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

  /** Whether the time to leave has come: nothing new belongs on this link. */
  boolean isBegun() {
    return begun;
  }

  /** What the server said; null before. */
  WeirException cause() {
    return cause;
  }

  /** The link is gone. */
  void forget() {
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
