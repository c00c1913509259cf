package dev.weir.service.session;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.Fault;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The rules for opening a session that publishers and subscribers have in common. Stateless. */
public final class SessionOpenRules {
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private SessionOpenRules() {}

  /** Returns what is wrong with a client's name, if anything. */
  public static Optional<Fault> client(String field, String name, Limits limits) {
    return longerThan(field, name, Limit.CLIENT_NAME_BYTES_MAX, limits);
  }

  /** Returns what is wrong with a text that may have so many bytes of UTF-8, if anything. */
  public static Optional<Fault> longerThan(String field, String text, Limit limit, Limits limits) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    return bytes <= limits.get(limit)
        ? Optional.empty()
        : Optional.of(
            Fault.invalid(
                field, "has " + bytes + " bytes of UTF-8, more than " + limits.told(limit)));
  }

  /** Returns how often a client with the feature `ping` has to say something. */
  public static Duration pingInterval(Limits limits) {
    return Durations.fromNanos(limits.get(Limit.PING_INTERVAL_MS) * NANOS_PER_MILLI);
  }

  /** Returns how often the server checks an idle connection. */
  public static Duration liveness(Limits limits) {
    return Durations.fromNanos(limits.get(Limit.KEEPALIVE_TIME_MS) * NANOS_PER_MILLI);
  }
}
