package dev.weir.service.session.subscribe;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.NanoTimeRange;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.TimeMessages;
import dev.weir.service.session.feed.FeedSpec;
import dev.weir.service.wire.names.TopicNameRule;
import dev.weir.v1.EventTime;
import dev.weir.v1.MaxLag;
import dev.weir.v1.Mode;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Overflow;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import dev.weir.v1.Until;
import java.util.Optional;
import java.util.function.Supplier;

/** The rules of a subscription's settings. Stateless. */
public final class SubscriptionCheck {
  private static final int MESSAGE_BYTES_MIN = 16 << 10;
  private static final int MESSAGE_BYTES_MAX = 128 << 20;

  private SubscriptionCheck() {}

  /**
   * Returns what is wrong with a subscription, if anything. Unknown fields are the caller's to
   * find.
   */
  public static Optional<Fault> check(Subscription asked, Limits limits) {
    return first(
        () -> TopicNameRule.checkForm(asked.getTopic()).map(why -> Fault.invalid("topic", why)),
        () -> SelectorCheck.check("selector", asked.getSelector(), limits),
        () -> name(asked, limits),
        () -> start(asked),
        () -> known("on_expired", asked.getOnExpired() == OnExpired.UNRECOGNIZED),
        () -> time("until.time", asked.getUntil().getTime()),
        () -> eventTime(asked.getEventTime()),
        () -> known("mode", asked.getMode() == Mode.UNRECOGNIZED),
        () -> ModeCheck.check(asked),
        () -> snapshot(asked),
        () -> overflow(asked),
        () -> maxAge(asked),
        () -> messageBytes(asked.getMaxMessageBytes()),
        () -> progress(asked.getProgressInterval(), limits));
  }

  @SafeVarargs
  static Optional<Fault> first(Supplier<Optional<Fault>>... checks) {
    for (Supplier<Optional<Fault>> check : checks) {
      Optional<Fault> fault = check.get();
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Optional.empty();
  }

  /** A rule about one field: empty where it holds. */
  static Optional<Fault> require(boolean holds, String field, String why) {
    return holds ? Optional.empty() : Optional.of(Fault.invalid(field, why));
  }

  static Optional<Fault> known(String field, boolean unrecognized) {
    return unrecognized
        ? Optional.of(
            Fault.unimplemented(
                field,
                "this server does not know that value; use a newer server, or another value"))
        : Optional.empty();
  }

  private static Optional<Fault> name(Subscription asked, Limits limits) {
    return asked.getName().isEmpty()
        ? Optional.empty()
        : CursorRequests.checkName("name", asked.getName(), limits);
  }

  private static Optional<Fault> start(Subscription asked) {
    Start start = asked.getStart();
    return switch (start.getAtCase()) {
      case LATEST -> mustBeTrue("start.latest", start.getLatest());
      case EARLIEST -> mustBeTrue("start.earliest", start.getEarliest());
      case FROM_TIME -> time("start.from_time", start.getFromTime());
      case COMMITTED ->
          asked.getName().isEmpty()
              ? Optional.of(
                  Fault.invalid(
                      "start.committed", "needs the `name` under which a cursor is committed"))
              : mustBeTrue("start.committed", start.getCommitted());
      case AFTER_CURSOR -> Optional.empty();
      case AT_NOT_SET ->
          require(
              !asked.hasStart(),
              "start",
              "is empty (expected latest, earliest, after_cursor, from_time or committed; leave it"
                  + " out to begin at the end)");
    };
  }

  private static Optional<Fault> time(String field, Timestamp time) {
    return NanoTimeRange.contains(time.getSeconds(), time.getNanos())
        ? Optional.empty()
        : Optional.of(
            Fault.field(
                ErrorCode.TIME_OUT_OF_RANGE,
                field,
                "is out of range (expected " + NanoTimeRange.DAYS + ")"));
  }

  static Optional<Fault> eventTime(EventTime times) {
    return first(
        () -> time("event_time.from", times.getFrom()),
        () -> time("event_time.until", times.getUntil()),
        () ->
            require(
                !times.hasFrom()
                    || !times.hasUntil()
                    || TimeMessages.nanos(times.getFrom()) < TimeMessages.nanos(times.getUntil()),
                "event_time",
                "selects nothing (expected from before until)"));
  }

  private static Optional<Fault> mustBeTrue(String field, boolean value) {
    return require(value, field, "is false (expected true, or another start)");
  }

  private static Optional<Fault> snapshot(Subscription asked) {
    boolean every = asked.getModeValue() <= Mode.MODE_EVERY_VALUE;
    Start.AtCase at = asked.getStart().getAtCase();
    boolean latest = at == Start.AtCase.LATEST || at == Start.AtCase.AT_NOT_SET;
    return require(
        !asked.getSnapshot() || !every || latest,
        "snapshot",
        "goes with start `latest` only: what follows it was stored after it (leave one of the two"
            + " out)");
  }

  private static Optional<Fault> overflow(Subscription asked) {
    Overflow overflow = asked.getOverflow();
    if (overflow == Overflow.UNRECOGNIZED) {
      return known("overflow", true);
    }
    Until until = asked.getUntil();
    boolean ends = until.getNow() || until.hasTime();
    boolean conflates = overflow == Overflow.OVERFLOW_CONFLATE;
    return first(
        () ->
            require(
                !conflates || !ends,
                until.getNow() ? "until.now" : "until.time",
                "goes with an overflow other than CONFLATE, whose last values are those at the end"
                    + " of the log"),
        () -> asked.hasMaxLag() ? maxLag(asked) : Optional.empty());
  }

  private static Optional<Fault> maxLag(Subscription asked) {
    MaxLag lag = asked.getMaxLag();
    boolean lossy = asked.getOverflowValue() > Overflow.OVERFLOW_CATCH_UP_VALUE;
    return first(
        () ->
            require(
                lossy, "max_lag", "needs an overflow other than CATCH_UP, which never gives up"),
        () ->
            require(
                lag.getAtCase() != MaxLag.AtCase.AT_NOT_SET,
                "max_lag",
                "is empty (expected readings or time)"),
        () ->
            require(
                lag.getAtCase() != MaxLag.AtCase.READINGS || lag.getReadings() > 0,
                "max_lag.readings",
                "must be at least 1"),
        () ->
            require(
                lag.getAtCase() != MaxLag.AtCase.TIME || atLeastOneMilli(lag.getTime()),
                "max_lag.time",
                "is " + TimeMessages.text(lag.getTime()) + " (expected at least 1 ms)"));
  }

  private static Optional<Fault> maxAge(Subscription asked) {
    Duration age = asked.getMaxAge();
    return require(
        age.equals(Duration.getDefaultInstance()) || atLeastOneMilli(age),
        "max_age",
        "is " + TimeMessages.text(age) + " (expected at least 1 ms, or nothing)");
  }

  static boolean atLeastOneMilli(Duration duration) {
    return duration.getSeconds() >= 0 && millis(duration) >= 1 && duration.getNanos() >= 0;
  }

  private static Optional<Fault> messageBytes(int bytes) {
    return require(
        bytes == 0 || bytes >= MESSAGE_BYTES_MIN && bytes <= MESSAGE_BYTES_MAX,
        "max_message_bytes",
        "is "
            + Integer.toUnsignedString(bytes)
            + " (expected "
            + MESSAGE_BYTES_MIN
            + " to "
            + MESSAGE_BYTES_MAX
            + ", or 0 for "
            + FeedSpec.MESSAGE_BYTES_DEFAULT
            + ")");
  }

  private static Optional<Fault> progress(Duration interval, Limits limits) {
    long millis = millis(interval);
    long min = limits.get(Limit.PROGRESS_INTERVAL_MS_MIN);
    long max = limits.get(Limit.PROGRESS_INTERVAL_MS_MAX);
    return require(
        millis == 0 || millis >= min && millis <= max,
        "progress_interval",
        "is " + millis + " ms (expected " + min + " to " + max + " ms, or 0 for never)");
  }

  /** A duration in whole milliseconds, rounded up where it is not zero; saturates. */
  static long millis(Duration duration) {
    long seconds = duration.getSeconds();
    if (seconds > Integer.MAX_VALUE || seconds < -Integer.MAX_VALUE) {
      return seconds < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return seconds * 1_000 - Math.floorDiv(-(long) duration.getNanos(), 1_000_000);
  }
}
