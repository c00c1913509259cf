package dev.weir.service.session;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.credit.Credit;
import dev.weir.service.core.state.SubscriptionState;
import dev.weir.v1.Subscription;

/** One subscription of a subscribing session. Owned by the event loop. */
@OwnedBy("event loop")
final class Member {
  final Subscription asked;
  final Credit credit;
  SubscriptionState state = SubscriptionState.RESOLVING;
  Feed feed; // null until it is resolved
  long deficit;
  boolean queued;
  Runnable cancelProgress = () -> {};

  Member(Subscription asked) {
    this.asked = asked;
    this.credit = Orders.credit(asked);
  }

  void advance(SubscriptionState.Event event) {
    state = SubscriptionState.TABLE.next(state, event);
  }
}
