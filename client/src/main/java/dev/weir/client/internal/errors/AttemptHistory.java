package dev.weir.client.internal.errors;

import dev.weir.client.Attempt;
import dev.weir.client.WeirException;
import dev.weir.common.OwnedBy;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The tries that failed since one succeeded, the newest of them by name. Owned by whoever tries.
 */
@OwnedBy("whoever tries")
public final class AttemptHistory {
  /** Tries that the text of an exception names; {@link WeirException#attempts()} has more. */
  private static final int TOLD_MAX = 3;

  private final LongSupplier epochNanos;
  private final Deque<Attempt> newest = new ArrayDeque<>();
  private long count;
  private Instant since;

  /** None yet; the clock is the wall's, Unix nanoseconds. */
  public AttemptHistory(LongSupplier epochNanos) {
    this.epochNanos = epochNanos;
  }

  /** A try of a server failed. */
  public void add(String address, WeirException cause) {
    Instant now = Instant.ofEpochSecond(0, TimeUnit.MILLISECONDS.toNanos(epochMillis()));
    if (count++ == 0) {
      since = now;
    }
    if (newest.size() == WeirException.ATTEMPTS_MAX) {
      newest.removeFirst();
    }
    newest.addLast(new Attempt(now, address, cause.code(), cause.reason()));
  }

  private long epochMillis() {
    return TimeUnit.NANOSECONDS.toMillis(epochNanos.getAsLong());
  }

  /** A try succeeded. */
  public void clear() {
    newest.clear();
    count = 0;
  }

  /** The last failure, with all tries before it, now that nothing is tried any more. */
  public WeirException after(WeirException last) {
    if (count == 0) {
      return last;
    }
    List<Attempt> attempts = List.copyOf(newest);
    return new WeirException(
        last.reason(),
        last.code(),
        message(last, attempts),
        last.retryDelay(),
        last.metadata(),
        attempts,
        last.getCause() == null ? last : last.getCause());
  }

  private String message(WeirException last, List<Attempt> attempts) {
    String told = last.getMessage().substring(last.reason().length() + 2); // after "REASON: "
    if (count == 1) {
      return told;
    }
    StringBuilder text = new StringBuilder(told);
    text.append("; gave up after ").append(count).append(" tries since ").append(since);
    text.append(count > TOLD_MAX ? ", the last: " : ": ");
    List<Attempt> named =
        attempts.subList(Math.max(0, attempts.size() - TOLD_MAX), attempts.size());
    text.append(String.join(", ", named.stream().map(Attempt::toString).toList()));
    return text.toString();
  }
}
