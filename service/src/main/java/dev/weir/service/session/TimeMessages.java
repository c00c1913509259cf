package dev.weir.service.session;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;

/** Times as the contract's messages. Stateless. */
public final class TimeMessages {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private TimeMessages() {}

  /**
   * A checked time in Unix nanoseconds. {@code Timestamps.toNanos} refuses the first 0.86 s of
   * those that {@link dev.weir.service.core.NanoTimeRange} contains: it overflows on the way.
   */
  public static long nanos(Timestamp time) {
    return time.getSeconds() * NANOS_PER_SECOND + time.getNanos();
  }

  /** Any duration in words, also one that is none. */
  public static String text(Duration duration) {
    return duration.getSeconds()
        + " s"
        + (duration.getNanos() == 0 ? "" : " and " + duration.getNanos() + " ns");
  }
}
