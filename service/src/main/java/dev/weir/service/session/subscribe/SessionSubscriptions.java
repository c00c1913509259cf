package dev.weir.service.session.subscribe;

import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionDescription;
import dev.weir.service.session.SessionLifecycle;
import dev.weir.service.session.feed.FeedMessages;
import dev.weir.service.session.feed.SubscriptionResolver;
import dev.weir.v1.GoingAway;
import dev.weir.v1.Subscription;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The subscriptions of one session by their ids. Each is admitted by the session, the client and
 * the server, and charged for what it holds. Owned by the event loop.
 */
@OwnedBy("event loop")
final class SessionSubscriptions {
  private static final long ID_MAX = 0xffff_ffffL;

  private final ServerContext context;
  private final SessionLifecycle lifecycle;

  /** By their ids, which are unsigned. */
  private final NavigableMap<Integer, SessionSubscription> members =
      new TreeMap<>(Integer::compareUnsigned);

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

  /** Describes those whose feed is known, in one slice. Returns whether others follow. */
  boolean describe(SessionDescription description) {
    for (SessionSubscription member : from(description.nextId())) {
      if (description.isSliceOver()) {
        return true;
      }
      int id = member.asked.getId();
      if (member.feed == null) {
        description.passOver(id);
      } else if (!description.add(
          id,
          member.feed.topic().partitions().size(),
          FeedMessages.state(id, SubscriptionResolver.effective(member.asked), member.feed))) {
        return false;
      }
    }
    return false;
  }

  private Collection<SessionSubscription> from(long id) {
    return id > ID_MAX ? List.of() : members.tailMap((int) id, true).values();
  }
}
