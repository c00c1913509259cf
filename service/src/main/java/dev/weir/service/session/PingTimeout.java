package dev.weir.service.session;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.util.function.BooleanSupplier;

/**
 * Ends a session whose peer says nothing although it promised to. Time in which the session itself
 * does not listen does not count, nor does time in which a part of a message came: on a slow link
 * its ping waits behind it, and how long a message may take has a bound of its own. Owned by the
 * event loop.
 */
@OwnedBy("event loop")
public final class PingTimeout {
  /** The feature of clients that say something at every interval. */
  public static final String PING = "ping";

  /** Intervals without a word after which a peer is taken for gone. */
  private static final int SILENT_INTERVALS = 3;

  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final ServerContext context;
  private final Loop loop;
  private final CallInfo facts;
  private final SessionHandler session;
  private final BooleanSupplier asks;
  private Runnable cancel;
  private long listeningSinceNanos;
  private long receivedBytes;
  private boolean ended;

  /** Begins now. */
  PingTimeout(
      ServerContext context,
      Loop loop,
      CallInfo facts,
      SessionHandler session,
      BooleanSupplier asks) {
    this.context = context;
    this.loop = loop;
    this.facts = facts;
    this.session = session;
    this.asks = asks;
    this.listeningSinceNanos = context.epochNanos().getAsLong();
    awaitPing();
  }

  private void awaitPing() {
    long interval = context.limits().get(Limit.PING_INTERVAL_MS) * NANOS_PER_MILLI;
    cancel = loop.schedule(interval, () -> lookForPing(interval));
  }

  private void lookForPing(long interval) {
    long now = context.epochNanos().getAsLong();
    long bytes = facts.receivedBytes();
    if (!asks.getAsBoolean() || bytes != receivedBytes) {
      listeningSinceNanos = now;
      receivedBytes = bytes;
    }
    long silent = now - Math.max(listeningSinceNanos, facts.receivedNanos());
    if (silent >= SILENT_INTERVALS * interval) {
      session.end(
          Fault.of(
              ErrorCode.DEADLINE_EXCEEDED,
              "The client sent nothing for "
                  + SILENT_INTERVALS
                  + " times "
                  + context.limits().told(Limit.PING_INTERVAL_MS)
                  + ". A client that lists `ping` sends one in each interval."));
    } else if (!ended) {
      awaitPing();
    }
  }

  /** Ends waiting. Harmless when repeated. */
  void end() {
    ended = true;
    cancel.run();
  }
}
