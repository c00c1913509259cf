package dev.weir.service.session;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.wire.SensorName;
import dev.weir.service.wire.TopicName;
import dev.weir.v1.Mode;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Overflow;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import java.util.Optional;
import java.util.function.Supplier;

/** The rules of a subscription's settings. Stateless. */
final class SubscriptionCheck {
  private static final String NOT_BUILT = "is not built yet; leave it out";

  private SubscriptionCheck() {}

  /** What is wrong with a subscription, if anything. Unknown fields are the caller's to find. */
  static Optional<Fault> check(Subscription asked, Limits limits) {
    return first(
        () -> TopicName.check(asked.getTopic()).map(why -> Fault.invalid("topic", why)),
        () -> selector(asked.getSelector(), limits),
        () -> start(asked.getStart()),
        () ->
            notBuilt(
                "on_expired",
                asked.getOnExpired(),
                asked.getOnExpiredValue() > OnExpired.ON_EXPIRED_FAIL_VALUE),
        () -> notBuilt("mode", asked.getMode(), asked.getModeValue() > Mode.MODE_EVERY_VALUE),
        () ->
            notBuilt(
                "overflow",
                asked.getOverflow(),
                asked.getOverflowValue() > Overflow.OVERFLOW_CATCH_UP_VALUE),
        () -> progress(asked.getProgressInterval(), limits));
  }

  @SafeVarargs
  private static Optional<Fault> first(Supplier<Optional<Fault>>... checks) {
    for (Supplier<Optional<Fault>> check : checks) {
      Optional<Fault> fault = check.get();
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Optional.empty();
  }

  private static Optional<Fault> notBuilt(String field, Enum<?> value, boolean unbuilt) {
    return unbuilt
        ? Optional.of(Fault.unimplemented(field, value + " " + NOT_BUILT))
        : Optional.empty();
  }

  private static Optional<Fault> selector(Selector selector, Limits limits) {
    if (!selector.getAll() && selector.getNamesCount() == 0) {
      return Optional.of(
          Fault.field(
              ErrorCode.EMPTY_SELECTOR,
              "selector",
              "selects nothing (expected `all: true` or `names`)"));
    }
    if (selector.getAll() && selector.getNamesCount() > 0) {
      return Optional.of(Fault.invalid("selector", "has both all and names (expected one)"));
    }
    if (selector.getNamesCount() > limits.getInt(Limit.SELECTOR_NAMES_MAX)) {
      return Optional.of(
          Fault.field(
              ErrorCode.TOO_LARGE,
              "selector.names",
              "has more than "
                  + limits.getInt(Limit.SELECTOR_NAMES_MAX)
                  + " names (selector_names_max)"));
    }
    for (int i = 0; i < selector.getNamesCount(); i++) {
      String field = "selector.names[" + i + "]";
      Optional<String> wrong = SensorName.check(selector.getNames(i));
      if (wrong.isPresent()) {
        return Optional.of(Fault.invalid(field, wrong.get()));
      }
    }
    return Optional.empty();
  }

  private static Optional<Fault> start(Start start) {
    return switch (start.getAtCase()) {
      case LATEST -> mustBeTrue("start.latest", start.getLatest());
      case EARLIEST -> mustBeTrue("start.earliest", start.getEarliest());
      case FROM_TIME -> time(start.getFromTime());
      case AFTER_CURSOR, AT_NOT_SET -> Optional.empty();
    };
  }

  private static Optional<Fault> time(Timestamp time) {
    boolean legal =
        Math.abs(time.getSeconds()) < Long.MAX_VALUE / 1_000_000_000L
            && time.getNanos() >= 0
            && time.getNanos() < 1_000_000_000;
    return legal
        ? Optional.empty()
        : Optional.of(
            Fault.field(
                ErrorCode.TIME_OUT_OF_RANGE,
                "start.from_time",
                "is out of range (expected 1677-09-22 to 2262-04-11)"));
  }

  private static Optional<Fault> mustBeTrue(String field, boolean value) {
    return value
        ? Optional.empty()
        : Optional.of(Fault.invalid(field, "false (expected true, or another start)"));
  }

  private static Optional<Fault> progress(Duration interval, Limits limits) {
    long millis = millis(interval);
    if (millis == 0) {
      return Optional.empty();
    }
    long min = limits.get(Limit.PROGRESS_INTERVAL_MS_MIN);
    long max = limits.get(Limit.PROGRESS_INTERVAL_MS_MAX);
    return millis >= min && millis <= max
        ? Optional.empty()
        : Optional.of(
            Fault.invalid(
                "progress_interval",
                millis + " ms (expected " + min + " to " + max + " ms, or 0 for never)"));
  }

  /** A duration in whole milliseconds, rounded up where it is not zero; saturates. */
  static long millis(Duration duration) {
    if (Math.abs(duration.getSeconds()) > Integer.MAX_VALUE) {
      return duration.getSeconds() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return duration.getSeconds() * 1_000 + -Math.floorDiv(-duration.getNanos(), 1_000_000);
  }
}
