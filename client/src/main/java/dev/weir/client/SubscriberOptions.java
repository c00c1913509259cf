package dev.weir.client;

import com.google.protobuf.Timestamp;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.Until;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * What a {@link Subscriber} selects and where it begins and ends; see docs/limits-client.md.
 * Immutable.
 */
public final class SubscriberOptions {
  private final String topic;
  private final Selector selector;
  private final Start start;
  private final Until until;
  private final long creditReadings;
  private final long creditBytes;
  private final Duration progressInterval;
  private final boolean rows;
  private final SubscriberListener listener;

  private SubscriberOptions(Builder builder) {
    this.topic = builder.topic;
    this.selector = builder.selector;
    this.start = builder.start;
    this.until = builder.until.build();
    this.creditReadings = builder.creditReadings;
    this.creditBytes = builder.creditBytes;
    this.progressInterval = builder.progressInterval;
    this.rows = builder.rows;
    this.listener = builder.listener;
  }

  /** All sensors of a topic, from now on, without end. */
  public static SubscriberOptions of(String topic) {
    return builder(topic).build();
  }

  /** Begins the options of a subscriber to this topic. */
  public static Builder builder(String topic) {
    return new Builder(topic);
  }

  /** The topic's name. */
  public String topic() {
    return topic;
  }

  /** Which sensors. */
  public Selector selector() {
    return selector;
  }

  /** Where to begin. */
  public Start start() {
    return start;
  }

  /** When to end. */
  public Until until() {
    return until;
  }

  /** Readings that may be under way before the handler has finished with earlier ones. */
  public long creditReadings() {
    return creditReadings;
  }

  /** Bytes that may be under way before the handler has finished with earlier ones. */
  public long creditBytes() {
    return creditBytes;
  }

  /** How often progress is told; zero: never. */
  public Duration progressInterval() {
    return progressInterval;
  }

  /** Whether readings come in the row form, each with its own cursor. */
  public boolean rows() {
    return rows;
  }

  /** Who hears of gaps, phases, progress and reconnects. */
  public SubscriberListener listener() {
    return listener;
  }

  /** Collects the options of a subscriber. Owned by the caller; not thread-safe. */
  public static final class Builder {
    private final String topic;
    private Selector selector = Selector.newBuilder().setAll(true).build();
    private Start start = Start.newBuilder().setLatest(true).build();
    private final Until.Builder until = Until.newBuilder();
    private long creditReadings = 262_144;
    private long creditBytes = 4L * 1024 * 1024;
    private Duration progressInterval = Duration.ZERO;
    private boolean rows;
    private SubscriberListener listener = new SubscriberListener() {};

    private Builder(String topic) {
      this.topic = Bounds.utf8("topic", topic, 1, 200);
    }

    /** Every sensor, also those that appear later; the default. */
    public Builder allSensors() {
      this.selector = Selector.newBuilder().setAll(true).build();
      return this;
    }

    /** These sensors only, also when they appear later; 1 to 10,000 names. */
    public Builder sensors(String... names) {
      return sensors(List.of(names));
    }

    /** These sensors only, also when they appear later; 1 to 10,000 names. */
    public Builder sensors(Collection<String> names) {
      Bounds.within("sensors", names.size(), 1, 10_000);
      this.selector = Selector.newBuilder().addAllNames(names).build();
      return this;
    }

    /** Begin with what is stored from now on; the default. */
    public Builder fromLatest() {
      this.start = Start.newBuilder().setLatest(true).build();
      return this;
    }

    /** Begin with the oldest reading in the log. */
    public Builder fromEarliest() {
      this.start = Start.newBuilder().setEarliest(true).build();
      return this;
    }

    /** Begin behind a cursor that this topic gave. */
    public Builder afterCursor(String cursor) {
      this.start =
          Start.newBuilder().setAfterCursor(Bounds.utf8("cursor", cursor, 1, 8_192)).build();
      return this;
    }

    /** Begin with the first reading stored at or after this time, by the server's clock. */
    public Builder fromTime(Instant time) {
      this.start =
          Start.newBuilder()
              .setFromTime(
                  Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()))
              .build();
      return this;
    }

    /**
     * End at what was stored when the subscription began. After a reconnect "now" is the time of
     * the reconnect: more may come, never less.
     */
    public Builder untilNow() {
      until.setNow(true);
      return this;
    }

    /** End after this many readings, at least 1. */
    public Builder untilCount(long readings) {
      until.setCount(Bounds.within("untilCount", readings, 1, Long.MAX_VALUE));
      return this;
    }

    /** Readings that may be under way, 1 to 100,000,000; default 262,144. */
    public Builder creditReadings(long creditReadings) {
      this.creditReadings = Bounds.within("creditReadings", creditReadings, 1, 100_000_000);
      return this;
    }

    /** Bytes that may be under way, 1 KiB to 1 GiB; default 4 MiB. */
    public Builder creditBytes(long creditBytes) {
      this.creditBytes = Bounds.within("creditBytes", creditBytes, 1_024, 1024L * 1024 * 1024);
      return this;
    }

    /** How often progress is told, 100 ms to 1 h; default never. */
    public Builder progressInterval(Duration progressInterval) {
      this.progressInterval =
          Bounds.within(
              "progressInterval", progressInterval, Duration.ofMillis(100), Duration.ofHours(1));
      return this;
    }

    /** Readings in the row form, each with its own cursor: convenient, and several times slower. */
    public Builder rows() {
      this.rows = true;
      return this;
    }

    /** Who hears of gaps, phases, progress and reconnects; default nobody. */
    public Builder listener(SubscriberListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** The options. */
    public SubscriberOptions build() {
      return new SubscriberOptions(this);
    }
  }
}
