package dev.weir.client;

import com.google.protobuf.Timestamp;
import dev.weir.v1.EventTime;
import java.time.Duration;
import java.time.Instant;

/** Times of the JDK as messages. Stateless. */
final class ProtoTimes {
  private ProtoTimes() {}

  static Timestamp of(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /** Requires that the first end of a range comes before the second, where it has both. */
  static void requireOrder(String name, EventTime range) {
    if (range.hasFrom() && range.hasUntil()) {
      Instant from = instant(range.getFrom());
      Instant until = instant(range.getUntil());
      if (!from.isBefore(until)) {
        throw OptionChecks.wrong(name, from + " to " + until, "from before until");
      }
    }
  }

  static com.google.protobuf.Duration of(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
