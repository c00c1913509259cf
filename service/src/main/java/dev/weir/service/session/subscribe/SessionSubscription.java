package dev.weir.service.session.subscribe;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.state.SubscriptionLifecycle;
import dev.weir.service.session.feed.Feed;
import dev.weir.service.session.feed.SubscriptionResolver;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionCursor;
import java.util.Optional;

/** One subscription of a subscribing session. Owned by the event loop. */
@OwnedBy("event loop")
final class SessionSubscription {
  final Subscription asked;
  final SubscriptionCredit credit;
  final long heldBytes;
  SubscriptionLifecycle state = SubscriptionLifecycle.RESOLVING;
  Feed feed; // null until it is resolved
  volatile boolean gone; // written by the loop, read before work that nobody waits for
  long deficit;
  boolean queued;
  DeliveryThrottle throttle; // with its feed
  Runnable cancelProgress = () -> {};

  /**
   * @param heldBytes what is charged for it
   */
  SessionSubscription(Subscription asked, long heldBytes) {
    this.asked = asked;
    this.heldBytes = heldBytes;
    this.credit = SubscriptionResolver.credit(asked);
  }

  /** Returns its position; empty before that is known. */
  Optional<SubscriptionCursor> where() {
    return Optional.ofNullable(feed)
        .map(
            known ->
                SubscriptionCursor.newBuilder()
                    .setSubscription(asked.getId())
                    .setCursor(known.cursor().text())
                    .build());
  }

  /**
   * Has its feed tell its progress at the interval it asked for, while it is active.
   *
   * @param wake is called when there is progress to tell
   */
  void scheduleProgress(Loop loop, Runnable wake) {
    long millis = SubscriptionCheck.millis(asked.getProgressInterval());
    if (millis > 0) {
      cancelProgress =
          loop.schedule(
              millis * 1_000_000L,
              () -> {
                if (state == SubscriptionLifecycle.ACTIVE) {
                  feed.askProgress();
                  scheduleProgress(loop, wake);
                  wake.run();
                }
              });
    }
  }

  void advance(SubscriptionLifecycle.Event event) {
    state = SubscriptionLifecycle.TABLE.next(state, event);
    gone = state == SubscriptionLifecycle.ENDED;
  }
}
