package dev.weir.client;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * The settings with which a {@link WeirClient} connects, waits and gives up; see
 * docs/limits-client.md. Immutable.
 */
public final class ClientOptions {
  private final List<String> targets;
  private final String clientName;
  private final Duration openTimeout;
  private final Duration giveUpAfter;
  private final Duration closeTimeout;
  private final int retriesPerMinuteMax;
  private final OptionalLong backoffSeed;

  private ClientOptions(Builder builder) {
    this.targets = builder.targets;
    this.clientName = builder.clientName;
    this.openTimeout = builder.openTimeout;
    this.giveUpAfter = builder.giveUpAfter;
    this.closeTimeout = builder.closeTimeout;
    this.retriesPerMinuteMax = builder.retriesPerMinuteMax;
    this.backoffSeed = builder.backoffSeed;
  }

  /**
   * Begins the options of a client of this server, {@code host:port} or any gRPC target, or of
   * these servers: several {@code host:port} with commas between.
   */
  public static Builder builder(String target) {
    return builder(ServerAddressCheck.of(target));
  }

  /**
   * Begins the options of a client of these servers, 1 to 64, each {@code host:port} or any gRPC
   * target. They must share one log.
   */
  public static Builder builder(List<String> targets) {
    return new Builder(targets);
  }

  /** Returns the servers, each as {@code host:port} or any gRPC target. */
  public List<String> targets() {
    return targets;
  }

  /** Returns the name of this client that the server shows to people. */
  public String clientName() {
    return clientName;
  }

  /** Returns the longest time that a new session may take to open. */
  public Duration openTimeout() {
    return openTimeout;
  }

  /** Returns the longest time that a publisher or subscriber keeps trying without a session. */
  public Duration giveUpAfter() {
    return giveUpAfter;
  }

  /** Returns the longest time that {@code close} waits for acks. */
  public Duration closeTimeout() {
    return closeTimeout;
  }

  /** Returns the most tries in any minute that follow a failed one and fail too. */
  public int retriesPerMinuteMax() {
    return retriesPerMinuteMax;
  }

  /** Returns the seed of the random numbers; empty: a random one. */
  public OptionalLong backoffSeed() {
    return backoffSeed;
  }

  /** Collects the options of a client. Owned by the caller; not thread-safe. */
  public static final class Builder {
    private static final Duration CENTURY = Duration.ofDays(36_500);

    private final List<String> targets;
    private String clientName = "weir-java";
    private Duration openTimeout = Duration.ofSeconds(10);
    private Duration giveUpAfter = CENTURY;
    private Duration closeTimeout = Duration.ofSeconds(10);
    private int retriesPerMinuteMax = 120;
    private OptionalLong backoffSeed = OptionalLong.empty();

    private Builder(List<String> targets) {
      this.targets = ServerAddressCheck.checked(targets);
    }

    /**
     * Sets the name of this client that the server shows to people, at most 128 bytes; default
     * {@code weir-java}.
     */
    public Builder clientName(String clientName) {
      this.clientName = OptionChecks.utf8("clientName", clientName, 0, 128);
      return this;
    }

    /**
     * Sets the longest time that a new session may take to open, 100 ms to 10 min; default 10 s.
     */
    public Builder openTimeout(Duration openTimeout) {
      this.openTimeout =
          OptionChecks.within(
              "openTimeout", openTimeout, Duration.ofMillis(100), Duration.ofMinutes(10));
      return this;
    }

    /**
     * Sets how long a publisher or subscriber keeps trying without a session, from its first try
     * on, before it ends with the last error: 0 to 100 years; default 100 years; zero: the first
     * failure ends it.
     */
    public Builder giveUpAfter(Duration giveUpAfter) {
      this.giveUpAfter = OptionChecks.within("giveUpAfter", giveUpAfter, Duration.ZERO, CENTURY);
      return this;
    }

    /** Sets the longest time that {@code close} waits for acks, 0 to 10 min; default 10 s. */
    public Builder closeTimeout(Duration closeTimeout) {
      this.closeTimeout =
          OptionChecks.within("closeTimeout", closeTimeout, Duration.ZERO, Duration.ofMinutes(10));
      return this;
    }

    /**
     * Sets the most tries in any minute that follow a failed one and fail too, of all publishers,
     * subscribers and calls of the client together, 2 to 60,000; default 120. Half of them may come
     * at once.
     */
    public Builder retriesPerMinuteMax(int retriesPerMinuteMax) {
      this.retriesPerMinuteMax =
          OptionChecks.within("retriesPerMinuteMax", retriesPerMinuteMax, 2, 60_000);
      return this;
    }

    /** Makes the back-off, and the order in which servers are tried, repeatable. */
    public Builder backoffSeed(long backoffSeed) {
      this.backoffSeed = OptionalLong.of(backoffSeed);
      return this;
    }

    /** Returns the options. */
    public ClientOptions build() {
      return new ClientOptions(this);
    }
  }
}
