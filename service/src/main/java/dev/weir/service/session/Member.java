package dev.weir.service.session;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.credit.Credit;
import dev.weir.service.core.state.SubscriptionState;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionCursor;
import java.util.Optional;

/** One subscription of a subscribing session. Owned by the event loop. */
@OwnedBy("event loop")
final class Member {
  final Subscription asked;
  final Credit credit;
  SubscriptionState state = SubscriptionState.RESOLVING;
  Feed feed; // null until it is resolved
  long deficit;
  boolean queued;
  Throttle throttle; // with its feed
  Runnable cancelProgress = () -> {};

  Member(Subscription asked) {
    this.asked = asked;
    this.credit = Orders.credit(asked);
  }

  /** Where it stands; empty before that is known. */
  Optional<SubscriptionCursor> where() {
    return Optional.ofNullable(feed)
        .map(
            known ->
                SubscriptionCursor.newBuilder()
                    .setSubscription(asked.getId())
                    .setCursor(known.cursor().text())
                    .build());
  }

  void advance(SubscriptionState.Event event) {
    state = SubscriptionState.TABLE.next(state, event);
  }
}
