package dev.weir.client;

import dev.weir.v1.Direction;
import dev.weir.v1.Format;
import dev.weir.v1.MaxLag;
import dev.weir.v1.Mode;
import dev.weir.v1.OnChange;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Overflow;
import dev.weir.v1.Sample;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import dev.weir.v1.Threshold;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The sensors that a {@link Subscriber} selects, its start and its end, and its behaviour when it
 * cannot keep up; see docs/limits-client.md. Immutable.
 */
public final class SubscriberOptions {
  private final Subscription subscription;
  private final boolean manualCredit;
  private final boolean manualBytes;
  private final long creditReadings;
  private final long creditBytes;
  private final Duration commitEvery;
  private final int inFlightMax;
  private final SubscriberListener listener;

  private SubscriberOptions(Builder builder) {
    this.subscription = builder.subscription.build();
    this.manualCredit = builder.manualCredit;
    this.manualBytes = builder.manualBytes;
    this.creditReadings = builder.creditReadings;
    this.creditBytes = builder.creditBytes;
    this.commitEvery = builder.commitEvery == null ? Duration.ZERO : builder.commitEvery;
    this.inFlightMax = builder.inFlightMax;
    this.listener = builder.listener;
  }

  /** Returns options for all sensors of a topic, from now on, without end. */
  public static SubscriberOptions of(String topic) {
    return builder(topic).build();
  }

  /** Begins the options of a subscriber to this topic. */
  public static Builder builder(String topic) {
    return new Builder(topic);
  }

  /** Returns the first request to the server, without the credit and the client's number. */
  public Subscription subscription() {
    return subscription;
  }

  /** Returns the topic's name. */
  public String topic() {
    return subscription.getTopic();
  }

  /** Returns whether readings come only as {@link Subscriber#request} asks for them. */
  public boolean manualCredit() {
    return manualCredit;
  }

  /** Returns whether bytes are asked for by hand too. */
  public boolean manualBytes() {
    return manualBytes;
  }

  /** Returns the most readings under way before the handler has finished with earlier ones. */
  public long creditReadings() {
    return creditReadings;
  }

  /** Returns how many bytes may be under way before the handler has finished with earlier ones. */
  public long creditBytes() {
    return creditBytes;
  }

  /** Returns the interval at which the cursor is committed; zero: only by hand. */
  public Duration commitEvery() {
    return commitEvery;
  }

  /** Returns how many deliveries an {@link AsyncReadingHandler} may be working on at once. */
  public int inFlightMax() {
    return inFlightMax;
  }

  /** Returns the listener for gaps, phases, progress, commits and reconnects. */
  public SubscriberListener listener() {
    return listener;
  }

  /** Collects the options of a subscriber. Owned by the caller; not thread-safe. */
  public static final class Builder {
    private static final Duration CENTURY = Duration.ofDays(36_500);
    private static final Duration MILLISECOND = Duration.ofMillis(1);

    private final Subscription.Builder subscription;
    private final Selector.Builder selector = Selector.newBuilder();
    private boolean manualCredit;
    private boolean manualBytes;
    private long creditReadings = 262_144;
    private long creditBytes = 4L * 1024 * 1024;
    private Duration commitEvery;
    private int inFlightMax = 16;
    private SubscriberListener listener = new SubscriberListener() {};

    private Builder(String topic) {
      this.subscription =
          Subscription.newBuilder()
              .setTopic(OptionChecks.utf8("topic", topic, 1, 200))
              .setFormat(Format.FORMAT_COLUMNS);
    }

    /** Selects every sensor, also later ones; the default. Forgets names, globs and labels. */
    public Builder allSensors() {
      selector.clear();
      return this;
    }

    /** Selects these sensors, also when they appear later; 1 to 10,000 names. */
    public Builder sensors(String... names) {
      return sensors(List.of(names));
    }

    /**
     * Selects these sensors, also when they appear later; 1 to 10,000 names. With {@link #globs}
     * these and those that match one of the globs.
     */
    public Builder sensors(Collection<String> names) {
      OptionChecks.within("sensors", names.size(), 1, 10_000);
      names.forEach(name -> OptionChecks.utf8("sensor", name, 1, 512));
      selector.clearNames().addAllNames(names);
      return this;
    }

    /**
     * Selects the sensors whose name matches one of these patterns, 1 to 100: {@code *} stands for
     * any characters inside one segment, {@code **}, alone in its segment, for any number of
     * segments. With {@link #sensors} also those named there.
     */
    public Builder globs(String... globs) {
      OptionChecks.within("globs", globs.length, 1, 100);
      List<String> patterns = List.of(globs);
      patterns.forEach(glob -> OptionChecks.utf8("glob", glob, 1, 512));
      selector.clearGlobs().addAllGlobs(patterns);
      return this;
    }

    /** Keeps, of the sensors selected or of all, those with all of these labels; 1 to 32. */
    public Builder labels(Map<String, String> labels) {
      OptionChecks.within("labels", labels.size(), 1, 32);
      labels.forEach(
          (key, value) -> {
            OptionChecks.utf8("label", key, 1, 63);
            OptionChecks.utf8("label value", value, 0, 255);
          });
      selector.clearLabels().putAllLabels(labels);
      return this;
    }

    /** Begins with what is stored from now on; the default, but not of a durable subscription. */
    public Builder fromLatest() {
      return start(Start.newBuilder().setLatest(true));
    }

    /** Begins with the oldest reading in the log. */
    public Builder fromEarliest() {
      return start(Start.newBuilder().setEarliest(true));
    }

    /** Begins after a cursor that this topic gave. */
    public Builder afterCursor(String cursor) {
      return start(
          Start.newBuilder().setAfterCursor(OptionChecks.utf8("cursor", cursor, 1, 8_192)));
    }

    /** Begins with the first reading stored at or after this time, by the server's clock. */
    public Builder fromTime(Instant time) {
      return start(Start.newBuilder().setFromTime(ProtoTimes.of(time)));
    }

    private Builder start(Start.Builder start) {
      subscription.setStart(start);
      return this;
    }

    /**
     * Sets what happens where the position, at the start or after a reconnect, is no longer in the
     * log; default FAIL: the subscriber ends with CURSOR_EXPIRED. Otherwise a gap reports what is
     * lost.
     */
    public Builder onExpired(OnExpired onExpired) {
      if (onExpired == OnExpired.ON_EXPIRED_UNSPECIFIED || onExpired == OnExpired.UNRECOGNIZED) {
        throw OptionChecks.wrong("onExpired", onExpired, "FAIL, EARLIEST or LATEST");
      }
      subscription.setOnExpired(onExpired);
      return this;
    }

    /**
     * Ends at what was stored when the subscription began. After a reconnect "now" is the time of
     * the reconnect: more may come, never less.
     */
    public Builder untilNow() {
      subscription.getUntilBuilder().setNow(true);
      return this;
    }

    /** Ends before the first reading stored at or after this time, by the server's clock. */
    public Builder untilTime(Instant time) {
      subscription.getUntilBuilder().setTime(ProtoTimes.of(time));
      return this;
    }

    /** Ends after this many readings, at least 1; those of snapshots are not counted. */
    public Builder untilCount(long readings) {
      subscription
          .getUntilBuilder()
          .setCount(OptionChecks.within("untilCount", readings, 1, Long.MAX_VALUE));
      return this;
    }

    /** Selects only readings with an event time at or after this; default: however old. */
    public Builder eventTimeFrom(Instant from) {
      subscription.getEventTimeBuilder().setFrom(ProtoTimes.of(from));
      return this;
    }

    /** Selects only readings with an event time before this; default: however new. */
    public Builder eventTimeUntil(Instant until) {
      subscription.getEventTimeBuilder().setUntil(ProtoTimes.of(until));
      return this;
    }

    /**
     * Begins with the last value of each matching sensor, between the phases SNAPSHOT_BEGIN and
     * SNAPSHOT_END, followed by everything stored after it. Begins {@link #fromLatest}. The reduced
     * modes always begin like this.
     */
    public Builder snapshot() {
      subscription.setSnapshot(true);
      return this;
    }

    /**
     * Selects only readings that differ by more than this from the last one sent; finite, not
     * negative. Other kinds: those that differ. Of the modes, the last one called counts.
     */
    public Builder onChange(double deadBand) {
      mode(Mode.MODE_ON_CHANGE)
          .setOnChange(
              OnChange.newBuilder().setDeadBand(OptionChecks.notNegative("deadBand", deadBand)));
      return this;
    }

    /** Selects the same, and at least one stored reading per this time; 1 ms to 100 years. */
    public Builder onChange(double deadBand, Duration maxSilence) {
      OptionChecks.within("maxSilence", maxSilence, MILLISECOND, CENTURY);
      onChange(deadBand);
      subscription.getOnChangeBuilder().setMaxSilence(ProtoTimes.of(maxSilence));
      return this;
    }

    /** Selects only the first reading of each sensor in each interval, 1 ms to 24 h. */
    public Builder sample(Duration interval) {
      OptionChecks.within("interval", interval, MILLISECOND, Duration.ofHours(24));
      mode(Mode.MODE_SAMPLE).setSample(Sample.newBuilder().setInterval(ProtoTimes.of(interval)));
      return this;
    }

    /**
     * Selects only readings that cross a limit.
     *
     * @param limit finite
     * @param direction which crossings
     * @param hysteresis how far a value must go back before it can cross again; finite, not
     *     negative
     */
    public Builder threshold(double limit, Direction direction, double hysteresis) {
      if (direction == Direction.DIRECTION_UNSPECIFIED || direction == Direction.UNRECOGNIZED) {
        throw OptionChecks.wrong("direction", direction, "RISING, FALLING or BOTH");
      }
      mode(Mode.MODE_THRESHOLD)
          .setThreshold(
              Threshold.newBuilder()
                  .setLimit(OptionChecks.finite("limit", limit))
                  .setDirection(direction)
                  .setHysteresis(OptionChecks.notNegative("hysteresis", hysteresis)));
      return this;
    }

    private Subscription.Builder mode(Mode mode) {
      return subscription.setMode(mode).clearOnChange().clearSample().clearThreshold();
    }

    /**
     * Makes a lagging subscription receive the last value of each matching sensor that changed,
     * then a gap CONFLATED. Of the overflows, the last one called counts; default: it reads on from
     * the log.
     */
    public Builder conflate() {
      subscription.setOverflow(Overflow.OVERFLOW_CONFLATE);
      return this;
    }

    /** Makes a lagging subscription continue nearer to the end of the log, after a gap DROPPED. */
    public Builder dropOldest() {
      subscription.setOverflow(Overflow.OVERFLOW_DROP_OLDEST);
      return this;
    }

    /** Makes a lagging subscription end with the reason LAGGED. */
    public Builder endWhenLagging() {
      subscription.setOverflow(Overflow.OVERFLOW_END);
      return this;
    }

    /**
     * Sets how many readings stored after its position in a partition make a subscription lag, at
     * least 1; default: it lags when the next record has left the server's memory.
     */
    public Builder maxLag(long readings) {
      OptionChecks.within("maxLag", readings, 1, Long.MAX_VALUE);
      subscription.setMaxLag(MaxLag.newBuilder().setReadings(readings));
      return this;
    }

    /** Sets the same limit as the time since the next reading was stored, 1 ms to 100 years. */
    public Builder maxLag(Duration time) {
      OptionChecks.within("maxLag", time, MILLISECOND, CENTURY);
      subscription.setMaxLag(MaxLag.newBuilder().setTime(ProtoTimes.of(time)));
      return this;
    }

    /** Makes readings stored longer ago a gap TOO_OLD, 1 ms to 100 years; default: all come. */
    public Builder maxAge(Duration maxAge) {
      OptionChecks.within("maxAge", maxAge, MILLISECOND, CENTURY);
      subscription.setMaxAge(ProtoTimes.of(maxAge));
      return this;
    }

    /**
     * Sets the most bytes of one message, 16 KiB to 4 MiB; a reading that does not fit is a gap
     * TOO_LARGE. Default: as large as what one publisher sent at once.
     */
    public Builder maxMessageBytes(int maxMessageBytes) {
      subscription.setMaxMessageBytes(
          OptionChecks.within("maxMessageBytes", maxMessageBytes, 16 * 1024, 4 * 1024 * 1024));
      return this;
    }

    /**
     * Makes the subscription durable: the server keeps its committed cursor under this name, 1 to
     * 128 bytes, and it begins after that cursor (at the oldest reading where there is none yet)
     * unless another start is set. See {@link #commitEvery}.
     */
    public Builder durable(String name) {
      OptionChecks.utf8("durable", name, 1, 128);
      if (name.codePoints().anyMatch(Character::isISOControl)) {
        throw OptionChecks.wrong("durable", "\"" + name + "\"", "text without control characters");
      }
      subscription.setName(name);
      return this;
    }

    /**
     * Sets the interval at which the position after what the handler has finished is committed, 10
     * ms to 1 h, for the first time after one such interval; zero: only by {@link
     * Subscriber#commit()}. Default 1 s. Only where durable.
     */
    public Builder commitEvery(Duration commitEvery) {
      this.commitEvery =
          commitEvery.isZero()
              ? commitEvery
              : OptionChecks.within(
                  "commitEvery", commitEvery, Duration.ofMillis(10), Duration.ofHours(1));
      return this;
    }

    /** Sets how many readings may be under way, 1 to 100,000,000; default 262,144. */
    public Builder creditReadings(long creditReadings) {
      this.creditReadings = OptionChecks.within("creditReadings", creditReadings, 1, 100_000_000);
      return this;
    }

    /** Sets how many bytes may be under way, 1 KiB to 1 GiB; default 4 MiB. */
    public Builder creditBytes(long creditBytes) {
      this.creditBytes =
          OptionChecks.within("creditBytes", creditBytes, 1_024, 1024L * 1024 * 1024);
      return this;
    }

    /**
     * Leaves the credit to {@link Subscriber#request}: what it asked for is overrun by at most one
     * delivery. {@code creditReadings} and {@code creditBytes} then mean nothing.
     */
    public Builder manualCredit() {
      this.manualCredit = true;
      return this;
    }

    /** Does the same, and leaves bytes to {@link Subscriber#requestBytes} too. */
    public Builder manualCreditWithBytes() {
      this.manualBytes = true;
      return manualCredit();
    }

    /** Sets the deliveries an {@link AsyncReadingHandler} may work on, 1 to 1,024; default 16. */
    public Builder inFlightMax(int inFlightMax) {
      this.inFlightMax = OptionChecks.within("inFlightMax", inFlightMax, 1, 1_024);
      return this;
    }

    /** Sets the interval at which progress is reported, 100 ms to 1 h; default never. */
    public Builder progressInterval(Duration progressInterval) {
      OptionChecks.within(
          "progressInterval", progressInterval, Duration.ofMillis(100), Duration.ofHours(1));
      subscription.setProgressInterval(ProtoTimes.of(progressInterval));
      return this;
    }

    /** Delivers readings as rows, each with its own cursor; this is several times slower. */
    public Builder rows() {
      subscription.setFormat(Format.FORMAT_ROWS);
      return this;
    }

    /** Sets the listener for gaps, phases, progress, commits and reconnects; default none. */
    public Builder listener(SubscriberListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Returns the options.
     *
     * @throws IllegalArgumentException where options exclude each other
     */
    public SubscriberOptions build() {
      return new SubscriberOptions(settled());
    }

    /** Returns a copy with what follows from other options, so that this builder may be used on. */
    private Builder settled() {
      Builder settled = new Builder(subscription.getTopic());
      settled.subscription.mergeFrom(subscription.build());
      settled.manualCredit = manualCredit;
      settled.manualBytes = manualBytes;
      settled.creditReadings = creditReadings;
      settled.creditBytes = creditBytes;
      settled.inFlightMax = inFlightMax;
      settled.listener = listener;
      settled.commitEvery =
          SubscriptionDefaults.apply(settled.subscription, selector.build(), commitEvery);
      return settled;
    }
  }
}
