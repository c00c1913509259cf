package dev.weir.service.session.subscribe;

import com.google.protobuf.Duration;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.TimeMessages;
import dev.weir.v1.Direction;
import dev.weir.v1.Mode;
import dev.weir.v1.OnChange;
import dev.weir.v1.Sample;
import dev.weir.v1.Subscription;
import dev.weir.v1.Threshold;
import java.util.Optional;

/** The rules of a subscription's mode. Stateless. */
final class ModeCheck {
  private static final long SAMPLE_MILLIS_MAX = 86_400_000;

  private ModeCheck() {}

  /**
   * Returns what is wrong with a mode and its parameters, if anything. The mode itself is known.
   */
  static Optional<Fault> check(Subscription asked) {
    Mode mode = asked.getMode();
    return SubscriptionCheck.first(
        () -> belongs("on_change", asked.hasOnChange(), mode == Mode.MODE_ON_CHANGE),
        () -> belongs("sample", asked.hasSample(), mode == Mode.MODE_SAMPLE),
        () -> belongs("threshold", asked.hasThreshold(), mode == Mode.MODE_THRESHOLD),
        () -> mode == Mode.MODE_ON_CHANGE ? onChange(asked.getOnChange()) : Optional.empty(),
        () -> mode == Mode.MODE_SAMPLE ? sample(asked.getSample()) : Optional.empty(),
        () -> mode == Mode.MODE_THRESHOLD ? threshold(asked) : Optional.empty());
  }

  private static Optional<Fault> belongs(String field, boolean given, boolean itsMode) {
    return SubscriptionCheck.require(
        !given || itsMode, field, "belongs to another mode (set that mode, or leave it out)");
  }

  private static Optional<Fault> onChange(OnChange asked) {
    Duration silence = asked.getMaxSilence();
    return SubscriptionCheck.first(
        () -> notNegative("on_change.dead_band", asked.getDeadBand()),
        () ->
            SubscriptionCheck.require(
                silence.equals(Duration.getDefaultInstance())
                    || SubscriptionCheck.atLeastOneMilli(silence),
                "on_change.max_silence",
                "is " + TimeMessages.text(silence) + " (expected at least 1 ms, or nothing)"));
  }

  private static Optional<Fault> sample(Sample asked) {
    Duration interval = asked.getInterval();
    return SubscriptionCheck.require(
        SubscriptionCheck.atLeastOneMilli(interval)
            && SubscriptionCheck.millis(interval) <= SAMPLE_MILLIS_MAX,
        "sample.interval",
        asked.hasInterval()
            ? "is " + TimeMessages.text(interval) + " (expected 1 ms to 24 h)"
            : "is required (expected 1 ms to 24 h)");
  }

  private static Optional<Fault> threshold(Subscription asked) {
    Threshold threshold = asked.getThreshold();
    return SubscriptionCheck.first(
        () -> SubscriptionCheck.require(asked.hasThreshold(), "threshold", "is required"),
        () ->
            SubscriptionCheck.require(
                Double.isFinite(threshold.getLimit()),
                "threshold.limit",
                "must be a finite number"),
        () ->
            SubscriptionCheck.known(
                "threshold.direction", threshold.getDirection() == Direction.UNRECOGNIZED),
        () -> notNegative("threshold.hysteresis", threshold.getHysteresis()));
  }

  private static Optional<Fault> notNegative(String field, double value) {
    return SubscriptionCheck.require(
        Double.isFinite(value) && value >= 0, field, "must be a finite number, not negative");
  }
}
