package dev.weir.service.session.subscribe;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;

/** The faults of a session's requests about its subscriptions. Stateless. */
final class SubscriptionFaults {
  private SubscriptionFaults() {}

  private static String named(int subscription) {
    return "subscription " + Integer.toUnsignedString(subscription);
  }

  /** A subscription is added under an id that another one has. */
  static Fault inUse(int subscription) {
    return Fault.field(
        ErrorCode.SUBSCRIPTION_EXISTS,
        "id",
        "the session has a " + named(subscription) + "; remove it first, or use another id");
  }

  /** The session has as many subscriptions as it may have. */
  static Fault tooMany(Limits limits) {
    return Fault.of(
        ErrorCode.LIMIT_REACHED,
        "The session has as many subscriptions as "
            + limits.told(Limit.SUBSCRIPTIONS_PER_SESSION_MAX)
            + " allows. Remove one, or open another session.");
  }

  /**
   * A request is about a subscription that there is not.
   *
   * @param request its name, such as "remove"
   */
  static Fault unknown(String request, int subscription) {
    return Fault.field(
        ErrorCode.SUBSCRIPTION_NOT_FOUND,
        request + ".subscription",
        "the session has no " + named(subscription));
  }

  /** Cursors of a subscription without a name cannot be committed. */
  static Fault notDurable(int subscription) {
    return Fault.invalid(
        "commit.subscription",
        named(subscription) + " is not durable; add it with a `name` to commit its cursors");
  }

  /** A cursor is committed before it was delivered. */
  static Fault commitAhead(int subscription) {
    return Fault.field(
        ErrorCode.COMMIT_AHEAD,
        "commit.cursor",
        named(subscription) + " was not given that cursor yet");
  }
}
