package dev.weir.client;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The settings with which a {@link Publisher} gathers, waits and is named; docs/limits-client.md
 * lists them. Immutable.
 */
public final class PublisherOptions {
  private final String topic;
  private final String producerId;
  private final int batchReadingsMax;
  private final int batchBytesMax;
  private final Duration linger;
  private final long bufferedBytesMax;
  private final OnFull onFull;
  private final Duration blockTimeout;
  private final int sensorsMax;
  private final PublisherListener listener;
  private final Optional<SpoolOptions> spool;

  private PublisherOptions(Builder builder) {
    this.topic = builder.topic;
    this.producerId = builder.producerId;
    this.batchReadingsMax = builder.batchReadingsMax;
    this.batchBytesMax = builder.batchBytesMax;
    this.linger = builder.linger;
    this.bufferedBytesMax = builder.bufferedBytesMax;
    this.onFull = builder.onFull;
    this.blockTimeout = builder.blockTimeout;
    this.sensorsMax = builder.sensorsMax;
    this.listener = builder.listener;
    this.spool = builder.spool;
  }

  /** Returns the defaults for a topic. */
  public static PublisherOptions of(String topic) {
    return builder(topic).build();
  }

  /** Begins the options of a publisher to this topic. */
  public static Builder builder(String topic) {
    return new Builder(topic);
  }

  /** Returns the topic's name. */
  public String topic() {
    return topic;
  }

  /** Returns the producer's id; empty: the server makes one up. */
  public String producerId() {
    return producerId;
  }

  /** Returns the most readings of one batch. */
  public int batchReadingsMax() {
    return batchReadingsMax;
  }

  /** Returns the most bytes of one batch on the wire. */
  public int batchBytesMax() {
    return batchBytesMax;
  }

  /** Returns how long the oldest reading of a batch waits while several are unacknowledged. */
  public Duration linger() {
    return linger;
  }

  /** Returns the most bytes of readings that are gathered, sent or waiting for their ack. */
  public long bufferedBytesMax() {
    return bufferedBytesMax;
  }

  /** Returns what {@code publish} does when there is no room. */
  public OnFull onFull() {
    return onFull;
  }

  /** Returns the longest time that {@code publish} waits for room, and for the first session. */
  public Duration blockTimeout() {
    return blockTimeout;
  }

  /** Returns the most sensors of this publisher. */
  public int sensorsMax() {
    return sensorsMax;
  }

  /** Returns the listener for losses, rejects and reconnects. */
  public PublisherListener listener() {
    return listener;
  }

  /** Returns the settings of the spool on disk; empty: readings are kept in memory only. */
  public Optional<SpoolOptions> spool() {
    return spool;
  }

  /** Collects the options of a publisher. Owned by the caller; not thread-safe. */
  public static final class Builder {
    private final String topic;
    private String producerId = "";
    private int batchReadingsMax = 4_096;
    private int batchBytesMax = 128 * 1024;
    private Duration linger = Duration.ofMillis(2);
    private long bufferedBytesMax = 16L * 1024 * 1024;
    private OnFull onFull = OnFull.BLOCK;
    private Duration blockTimeout = Duration.ofSeconds(60);
    private int sensorsMax = 1_000_000;
    private PublisherListener listener = new PublisherListener() {};
    private Optional<SpoolOptions> spool = Optional.empty();

    private Builder(String topic) {
      this.topic = OptionChecks.utf8("topic", topic, 1, 200);
    }

    /**
     * Names the producer, so that a restarted process continues its numbers and a forgotten one is
     * fenced; 1 to 128 bytes. Without it the server makes one up.
     */
    public Builder producerId(String producerId) {
      this.producerId = OptionChecks.utf8("producerId", producerId, 1, 128);
      return this;
    }

    /**
     * Sets the most readings of one batch, 1 to 65,536; default 4,096. The server's limit is kept
     * besides.
     */
    public Builder batchReadingsMax(int batchReadingsMax) {
      this.batchReadingsMax = OptionChecks.within("batchReadingsMax", batchReadingsMax, 1, 65_536);
      return this;
    }

    /**
     * Sets the most bytes of one batch, 1 KiB to 4 MiB; default 128 KiB. The server's limit is kept
     * besides.
     */
    public Builder batchBytesMax(int batchBytesMax) {
      this.batchBytesMax =
          OptionChecks.within("batchBytesMax", batchBytesMax, 1_024, 4 * 1024 * 1024);
      return this;
    }

    /**
     * Sets how long the oldest reading waits while several batches are unacknowledged, 0 to 10 s;
     * default 2 ms.
     */
    public Builder linger(Duration linger) {
      this.linger = OptionChecks.within("linger", linger, Duration.ZERO, Duration.ofSeconds(10));
      return this;
    }

    /** Sets the most buffered bytes, at least two batches, at most 1 GiB; default 16 MiB. */
    public Builder bufferedBytesMax(long bufferedBytesMax) {
      this.bufferedBytesMax =
          OptionChecks.within("bufferedBytesMax", bufferedBytesMax, 2_048, 1024L * 1024 * 1024);
      return this;
    }

    /** Sets what {@code publish} does when there is no room; default BLOCK. */
    public Builder onFull(OnFull onFull) {
      this.onFull = Objects.requireNonNull(onFull, "onFull");
      return this;
    }

    /** Sets the longest time that {@code publish} waits for room, 1 ms to 1 day; default 60 s. */
    public Builder blockTimeout(Duration blockTimeout) {
      this.blockTimeout =
          OptionChecks.within(
              "blockTimeout", blockTimeout, Duration.ofMillis(1), Duration.ofDays(1));
      return this;
    }

    /** Sets the most sensors, 1 to 10,000,000; default 1,000,000. */
    public Builder sensorsMax(int sensorsMax) {
      this.sensorsMax = OptionChecks.within("sensorsMax", sensorsMax, 1, 10_000_000);
      return this;
    }

    /** Sets the listener for losses, rejects and reconnects; default none. */
    public Builder listener(PublisherListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Keeps readings on disk until they are stored, and the producer's identity with them; default
     * none. Needs a {@link #producerId}.
     */
    public Builder spool(SpoolOptions spool) {
      this.spool = Optional.of(spool);
      return this;
    }

    /** Returns the options. */
    public PublisherOptions build() {
      if (spool.isPresent()) {
        if (producerId.isEmpty()) {
          throw OptionChecks.wrong("producerId", "none", "one, because there is a spool");
        }
        OptionChecks.within(
            "spool bytesMax", spool.get().bytesMax(), 16L * batchBytesMax, 1L << 40);
      }
      OptionChecks.within("bufferedBytesMax", bufferedBytesMax, 2L * batchBytesMax, Long.MAX_VALUE);
      return new PublisherOptions(this);
    }
  }
}
