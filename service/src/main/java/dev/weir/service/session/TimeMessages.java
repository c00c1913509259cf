package dev.weir.service.session;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;

/** Times as the contract's messages. Stateless. */
public final class TimeMessages {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private TimeMessages() {}

  /** A checked time in Unix nanoseconds. */
  public static long nanos(Timestamp time) {
    return time.getSeconds() * NANOS_PER_SECOND + time.getNanos();
  }

  /** A time in Unix nanoseconds. */
  public static Timestamp timestamp(long unixNanos) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(unixNanos, NANOS_PER_SECOND))
        .setNanos((int) Math.floorMod(unixNanos, NANOS_PER_SECOND))
        .build();
  }

  /** Any duration in words, also one that is none. */
  public static String text(Duration duration) {
    return duration.getSeconds()
        + " s"
        + (duration.getNanos() == 0 ? "" : " and " + duration.getNanos() + " ns");
  }

  /** A time that passes, in nanoseconds, not negative. */
  static Duration duration(long nanos) {
    return Duration.newBuilder()
        .setSeconds(nanos / NANOS_PER_SECOND)
        .setNanos((int) (nanos % NANOS_PER_SECOND))
        .build();
  }
}
