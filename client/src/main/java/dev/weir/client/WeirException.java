package dev.weir.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The one exception of this client: something was not done, for a stated reason. Immutable.
 *
 * <p>Decide by {@link #reason()}, never by the message text. Reasons of the server are listed in
 * docs/errors.md. Reasons of the client itself are the constants of this class; where a call broke
 * without a reason from the server, the reason is the name of the gRPC status, such as {@code
 * UNAVAILABLE}.
 */
public final class WeirException extends RuntimeException {
  /** The publisher's buffer is full and the caller asked not to wait. */
  public static final String BACK_PRESSURED = "BACK_PRESSURED";

  /**
   * The caller waited for room as long as {@link PublisherOptions#blockTimeout()} allows, or was
   * interrupted while it waited, which the code CANCELLED (1) shows; nothing of the call was taken.
   */
  public static final String BLOCK_TIMEOUT = "BLOCK_TIMEOUT";

  /**
   * The client, publisher or subscriber is closed, or the thread that waited for a call was
   * interrupted.
   */
  public static final String CLOSED = "CLOSED";

  /** The value's type is not the sensor's kind. */
  public static final String KIND_MISMATCH = "KIND_MISMATCH";

  /** The subscription, which was to end where it lags, was too far behind. */
  public static final String LAGGED = "LAGGED";

  /** So many sensors of a publisher, or publishers and subscribers of a client, are in use. */
  public static final String LIMIT_REACHED = "LIMIT_REACHED";

  /** A time is not from 1677-09-21 to 2262-04-11. */
  public static final String TIME_OUT_OF_RANGE = "TIME_OUT_OF_RANGE";

  /** The reading does not fit into a batch or a message. */
  public static final String TOO_LARGE = "TOO_LARGE";

  /** The topic of a subscription was deleted. */
  public static final String TOPIC_DELETED = "TOPIC_DELETED";

  /**
   * The topic's name means another log than when this publisher began: the topic was replaced, or
   * the client came to a server of another log.
   */
  public static final String TOPIC_REPLACED = "TOPIC_REPLACED";

  /** The spool's directory is used by another publisher. */
  public static final String SPOOL_IN_USE = "SPOOL_IN_USE";

  /** The spool's directory belongs to another producer, or to another topic. */
  public static final String SPOOL_OF_ANOTHER = "SPOOL_OF_ANOTHER";

  /** The spool is full: readings were dropped or not taken. */
  public static final String SPOOL_FULL = "SPOOL_FULL";

  /** Something in the spool is damaged. */
  public static final String SPOOL_DAMAGED = "SPOOL_DAMAGED";

  /** The spool's disk failed; nothing further can be accepted. */
  public static final String SPOOL_FAILED = "SPOOL_FAILED";

  /**
   * The spool's disk failed while it took these readings: they may be in it, and then the next
   * publisher on its directory sends them. What it finds is in {@link
   * SpoolStatus#readingsAccepted()}.
   */
  public static final String SPOOL_OUTCOME_UNKNOWN = "SPOOL_OUTCOME_UNKNOWN";

  /** The most tries that {@link #attempts()} names. */
  public static final int ATTEMPTS_MAX = 16;

  private static final long serialVersionUID = 1L;

  private final String reason;
  private final int code;
  private final transient Optional<Duration> retryDelay;
  private final transient Map<String, String> metadata;
  private final transient List<Attempt> attempts;

  /**
   * An exception without retry delay and metadata.
   *
   * @param reason stable reason in UPPER_SNAKE
   * @param code number of the gRPC status code
   * @param message what happened and what to do about it
   */
  public WeirException(String reason, int code, String message) {
    this(reason, code, message, Optional.empty(), Map.of(), List.of(), null);
  }

  /**
   * An exception with all its details.
   *
   * @param reason stable reason in UPPER_SNAKE
   * @param code number of the gRPC status code
   * @param message what happened and what to do about it
   * @param retryDelay present where trying again may help: wait at least this long
   * @param metadata details by name
   * @param attempts the tries that failed, oldest first
   * @param cause what it came from, or null
   */
  public WeirException(
      String reason,
      int code,
      String message,
      Optional<Duration> retryDelay,
      Map<String, String> metadata,
      List<Attempt> attempts,
      Throwable cause) {
    super(reason + ": " + message, cause);
    this.reason = reason;
    this.code = code;
    this.retryDelay = retryDelay;
    this.metadata = Map.copyOf(metadata);
    this.attempts = List.copyOf(attempts);
  }

  /** Returns the stable reason in UPPER_SNAKE. */
  public String reason() {
    return reason;
  }

  /** Returns the number of the gRPC status code, such as 14 for UNAVAILABLE. */
  public int code() {
    return code;
  }

  /** Returns how long to wait at least before another try; present where one may help. */
  public Optional<Duration> retryDelay() {
    return retryDelay;
  }

  /** Returns whether trying the same again may succeed. */
  public boolean retryable() {
    return retryDelay.isPresent() || code == 14;
  }

  /** Returns details by name, such as {@code expected_sequence}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * Returns the tries that failed before this was given up, oldest first, the last {@value
   * #ATTEMPTS_MAX} of them; empty where nothing was tried again.
   */
  public List<Attempt> attempts() {
    return attempts;
  }
}
