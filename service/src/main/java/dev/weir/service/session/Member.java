package dev.weir.service.session;

import dev.weir.service.core.Loop;
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
  final long heldBytes;
  SubscriptionState state = SubscriptionState.RESOLVING;
  Feed feed; // null until it is resolved
  volatile boolean gone; // written by the loop, read before work that nobody waits for
  long deficit;
  boolean queued;
  Throttle throttle; // with its feed
  Runnable cancelProgress = () -> {};

  /**
   * @param heldBytes what is charged for it
   */
  Member(Subscription asked, long heldBytes) {
    this.asked = asked;
    this.heldBytes = heldBytes;
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
                if (state == SubscriptionState.ACTIVE) {
                  feed.askProgress();
                  scheduleProgress(loop, wake);
                  wake.run();
                }
              });
    }
  }

  void advance(SubscriptionState.Event event) {
    state = SubscriptionState.TABLE.next(state, event);
    gone = state == SubscriptionState.ENDED;
  }
}
