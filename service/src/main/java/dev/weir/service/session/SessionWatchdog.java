package dev.weir.service.session;

import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Looks at all open sessions now and then: those that have their greatest age are asked to leave,
 * and those whose peer does not come to the end of a message are ended. One for all, because a
 * timer of its own would cost each session memory. Owned by the thread that runs it.
 */
@OwnedBy("ticker")
public final class SessionWatchdog implements Runnable {
  private static final long NANOS_PER_MILLI = 1_000_000L;
  private static final Duration OFTEN = Duration.ofMillis(50);
  private static final Duration SELDOM = Duration.ofSeconds(10);

  /** Looks in the shorter of the two times. */
  private static final int LOOKS = 4;

  /** Ages differ by so much of the greatest one, so that not all sessions end at once. */
  private static final double AGE_JITTER = 0.1;

  /**
   * A message that had begun and not ended.
   *
   * @param number of the message
   * @param sinceNanos when it was seen first
   */
  private record Part(long number, long sinceNanos) {}

  private final ServerContext context;
  private final long ageNanos; // 0: no bound
  private final long messageNanos;
  private Map<String, Part> parts = Map.of();

  /** Nothing was looked at yet. */
  public SessionWatchdog(ServerContext context) {
    this.context = context;
    this.ageNanos = context.limits().get(Limit.SESSION_AGE_MS_MAX) * NANOS_PER_MILLI;
    this.messageNanos = context.limits().get(Limit.MESSAGE_TIMEOUT_MS) * NANOS_PER_MILLI;
  }

  /** Returns how often it is to look. */
  public Duration interval() {
    long shorter = ageNanos == 0 ? messageNanos : Math.min(ageNanos, messageNanos);
    Duration wanted = Duration.ofNanos(shorter / LOOKS);
    return wanted.compareTo(OFTEN) < 0 ? OFTEN : wanted.compareTo(SELDOM) > 0 ? SELDOM : wanted;
  }

  @Override
  public void run() {
    long now = context.epochNanos().getAsLong();
    Map<String, Part> seen = new HashMap<>();
    for (SessionRegistry.Open one : context.sessions().open()) {
      if (ageNanos > 0 && now - one.out().facts().startNanos() >= ageOf(one.id())) {
        GoAwayNotice departure = GoAwayNotice.tooOld(context.limits());
        one.loop().post(() -> one.session().goAway(departure)); // again has no effect
      }
      long number = one.out().facts().partial();
      if (number != 0) {
        Part before = parts.get(one.id());
        boolean same = before != null && before.number() == number;
        Part part = same ? before : new Part(number, now);
        seen.put(one.id(), part);
        if (now - part.sinceNanos() >= messageNanos) {
          one.loop().post(() -> one.session().end(tooSlow()));
        }
      }
    }
    parts = seen;
  }

  /** Told by the id, so that nothing need be kept. */
  private long ageOf(String id) {
    double jitter = AGE_JITTER * (id.hashCode() / (double) Integer.MAX_VALUE);
    return (long) (ageNanos * (1 + jitter));
  }

  private Fault tooSlow() {
    return Fault.of(
        ErrorCode.DEADLINE_EXCEEDED,
        "The rest of a message did not come within "
            + context.limits().told(Limit.MESSAGE_TIMEOUT_MS)
            + ". Send smaller messages, or ask the operator to raise the limit.");
  }
}
