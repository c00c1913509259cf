package dev.weir.service.session;

import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Empties a server that is to stop: takes no more sessions, and asks each of the open ones to leave
 * at a time of its own, so that their clients do not all come back at once. Thread-safe.
 */
public final class SessionDrainer {
  private static final long NANOS_PER_MILLI = 1_000_000L;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final ServerContext context;
  private final long longestNanos;
  private volatile long spreadNanos;
  private volatile long overNanos; // by the server's clock

  /** A drain that has not begun. */
  public SessionDrainer(ServerContext context) {
    this.context = context;
    this.spreadNanos = context.limits().get(Limit.DRAIN_MS) * NANOS_PER_MILLI;
    this.longestNanos = spreadNanos + 2 * GoAwayNotice.graceNanos(context.limits());
  }

  /**
   * Begins, once.
   *
   * @return completes when every session has left, within {@link #longest()}
   */
  public CompletableFuture<Void> begin() {
    overNanos = context.epochNanos().getAsLong() + spreadNanos;
    List<SessionRegistry.Open> open = context.sessions().close(this::refusal);
    long rate = context.limits().get(Limit.DRAIN_SESSIONS_PER_SECOND);
    spreadNanos = Math.min(spreadNanos, open.size() * NANOS_PER_SECOND / rate);
    overNanos = context.epochNanos().getAsLong() + spreadNanos;
    long grace = GoAwayNotice.graceNanos(context.limits());
    Fault why = stopping();
    for (int i = 0; i < open.size(); i++) {
      long leave = leaveNanos(i, open.size(), spreadNanos, context.random());
      GoAwayNotice departure = new GoAwayNotice(why, leave, leave + grace);
      SessionRegistry.Open one = open.get(i);
      one.loop().post(() -> one.session().goAway(departure));
    }
    return context.sessions().allLeft();
  }

  /** Returns how many sessions are open now. */
  public int sessions() {
    return context.sessions().count();
  }

  /**
   * The longest that sessions may take to leave: {@code drain_ms} and {@code shutdown_grace_ms}.
   */
  public Duration longest() {
    return Duration.ofNanos(longestNanos);
  }

  /** Somewhere in the n-th of as many equal parts of the time as there are sessions. */
  public static long leaveNanos(
      int session, int sessions, long spreadNanos, RandomGenerator random) {
    double part = (double) spreadNanos / sessions;
    return (long) (part * (session + random.nextDouble()));
  }

  /** Returns the fault for calls when the server stops. */
  public static Fault stopping() {
    return Fault.of(ErrorCode.SHUTTING_DOWN, "The server is stopping. Reconnect.");
  }

  /** One who comes now may come again when the server is gone, and not with all the others. */
  private Fault refusal() {
    long left = Math.max(0, overNanos - context.epochNanos().getAsLong());
    long spread = Math.max(spreadNanos, context.control().retryDelay().toNanos());
    long wait = left + context.random().nextLong(1, spread + 1);
    return stopping().retryAfter(Duration.ofNanos(wait));
  }
}
