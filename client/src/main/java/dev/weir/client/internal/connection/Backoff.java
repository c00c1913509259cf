package dev.weir.client.internal.connection;

import dev.weir.common.OwnedBy;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Computes the wait before the next try: full jitter below a ceiling that doubles from 100 ms to 5
 * s. Owned by its session, on the loop. (See "Exponential Backoff And Jitter", AWS Architecture
 * Blog.)
 */
@OwnedBy("loop")
public final class Backoff {
  static final long FIRST_NANOS = Duration.ofMillis(100).toNanos();
  static final long CEILING_NANOS = Duration.ofSeconds(5).toNanos();

  private final RandomGenerator random;
  private long ceilingNanos = FIRST_NANOS;

  public Backoff(RandomGenerator random) {
    this.random = random;
  }

  public long nextNanos() {
    long wait = random.nextLong(ceilingNanos);
    ceilingNanos = Math.min(CEILING_NANOS, 2 * ceilingNanos);
    return wait;
  }

  /** At least as long as the server asked for, when it did. */
  public long nextNanos(long atLeastNanos) {
    return Math.max(atLeastNanos, nextNanos());
  }

  /** No wait is as long now, unless the server asks for it. */
  long ceilingNanos() {
    return ceilingNanos;
  }

  public void reset() {
    ceilingNanos = FIRST_NANOS;
  }
}
