package dev.weir.service.core.fault;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One refusal: a reason, what happened, and what to do. Immutable.
 *
 * @param code the reason
 * @param message what happened and what to do, in plain English
 * @param retryDelay least time to wait before a retry; empty where a retry does not help
 * @param metadata details by name
 * @param violations the fields that are wrong
 */
public record Fault(
    ErrorCode code,
    String message,
    Optional<Duration> retryDelay,
    Map<String, String> metadata,
    List<Violation> violations) {
  /**
   * One wrong field.
   *
   * @param field its path in the request
   * @param description what is wrong and what is expected
   */
  public record Violation(String field, String description) {}

  public Fault {
    metadata = Map.copyOf(metadata);
    violations = List.copyOf(violations);
  }

  /** A fault with a message of its own. */
  public static Fault of(ErrorCode code, String message) {
    return new Fault(code, message, Optional.empty(), Map.of(), List.of());
  }

  /** A wrong field. */
  public static Fault field(ErrorCode code, String field, String description) {
    return new Fault(
        code,
        field + ": " + description,
        Optional.empty(),
        Map.of(),
        List.of(new Violation(field, description)));
  }

  /** An INVALID_ARGUMENT for one field. */
  public static Fault invalid(String field, String description) {
    return field(ErrorCode.INVALID_ARGUMENT, field, description);
  }

  /** An option or request that is not built. */
  public static Fault unimplemented(String field, String description) {
    return field(ErrorCode.UNIMPLEMENTED, field, description);
  }

  /** This fault, to be retried after a delay. */
  public Fault retryAfter(Duration delay) {
    return new Fault(code, message, Optional.of(delay), metadata, violations);
  }

  /** This fault with one more detail. */
  public Fault with(String name, Object value) {
    var more = new TreeMap<>(metadata);
    more.put(name, String.valueOf(value));
    return new Fault(code, message, retryDelay, more, violations);
  }

  /** As an exception, for code that has no other way out. */
  public FaultException exception() {
    return new FaultException(this);
  }
}
