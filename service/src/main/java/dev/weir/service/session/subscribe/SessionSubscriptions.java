package dev.weir.service.session.subscribe;

import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionLifecycle;
import dev.weir.service.session.feed.FeedMessages;
import dev.weir.service.session.feed.SubscriptionResolver;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.GoingAway;
import dev.weir.v1.Subscription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The subscriptions of one session by their ids. Each is admitted by the session, the client and
 * the server, and charged for what it holds. Owned by the event loop.
 */
@OwnedBy("event loop")
final class SessionSubscriptions {
  private final ServerContext context;
  private final SessionLifecycle lifecycle;
  private final Map<Integer, SessionSubscription> members = new HashMap<>();

  SessionSubscriptions(ServerContext context, SessionLifecycle lifecycle) {
    this.context = context;
    this.lifecycle = lifecycle;
  }

  boolean isEmpty() {
    return members.isEmpty();
  }

  /** The subscription with an id; null if there is none. */
  SessionSubscription get(int id) {
    return members.get(id);
  }

  /** All of them, as they are now. */
  List<SessionSubscription> all() {
    return List.copyOf(members.values());
  }

  /**
   * Adds a subscription and charges for it, unless something is wrong with it or there is no room.
   */
  Optional<Fault> add(Subscription asked) {
    Optional<Fault> wrong =
        place(asked.getId())
            .or(() -> SubscriptionCheck.check(asked, context.limits()))
            .or(context::subscribersFull)
            .or(lifecycle::admitSubscription);
    long heldBytes = context.subscriptionBytes(asked);
    if (wrong.isEmpty()) {
      wrong = context.hold(heldBytes);
      wrong.ifPresent(full -> lifecycle.client().leaveSubscription());
    }
    if (wrong.isEmpty()) {
      members.put(asked.getId(), new SessionSubscription(asked, heldBytes));
    }
    return wrong;
  }

  private Optional<Fault> place(int id) {
    if (members.containsKey(id)) {
      return Optional.of(SubscriptionFaults.inUse(id));
    }
    return members.size() >= context.limits().getInt(Limit.SUBSCRIPTIONS_PER_SESSION_MAX)
        ? Optional.of(SubscriptionFaults.tooMany(context.limits()))
        : Optional.empty();
  }

  /** Removes a subscription, and gives back what it was charged. */
  void remove(SessionSubscription member) {
    members.remove(member.asked.getId());
    lifecycle.client().leaveSubscription();
    context.release(member.heldBytes);
  }

  /** Tells where each of them stands. */
  void addCursors(GoingAway.Builder message) {
    members.values().forEach(member -> member.where().ifPresent(message::addCursors));
  }

  /** Describes those whose feed is known. */
  void describe(GetSessionResponse.Builder description) {
    members.forEach(
        (number, member) -> {
          if (member.feed != null) {
            description.addSubscriptions(
                FeedMessages.state(
                    number, SubscriptionResolver.effective(member.asked), member.feed));
          }
        });
  }
}
