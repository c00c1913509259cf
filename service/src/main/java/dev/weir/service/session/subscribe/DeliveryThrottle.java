package dev.weir.service.session.subscribe;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionLifecycle;
import dev.weir.service.session.feed.FeedEvent;

/**
 * Holds a feed's readings back while its client is delivered more than it may be, and lets them go
 * on in time. Nothing else that the feed has to say waits. Owned by the event loop.
 */
@OwnedBy("event loop")
final class DeliveryThrottle {
  private final ServerContext context;
  private final Loop loop;
  private final SessionLifecycle lifecycle;
  private final Runnable goOn;
  private Runnable cancel; // null while nothing waits

  /**
   * @param goOn the feed may have its turn again
   */
  DeliveryThrottle(ServerContext context, Loop loop, SessionLifecycle lifecycle, Runnable goOn) {
    this.context = context;
    this.loop = loop;
    this.lifecycle = lifecycle;
    this.goOn = goOn;
  }

  /** Lets the next readings of a feed go, or holds them back. */
  void check(SubscriptionCredit credit) {
    long wait = lifecycle.client().deliveryWait(context.epochNanos().getAsLong());
    credit.hold(wait > 0);
    if (wait > 0 && cancel == null) {
      cancel =
          loop.schedule(
              wait,
              () -> {
                cancel = null;
                goOn.run();
              });
    }
  }

  /** The feed has ended. Harmless when repeated. */
  void end() {
    if (cancel != null) {
      cancel.run();
      cancel = null;
    }
  }

  /** Charges what was said. */
  void charge(FeedEvent emission) {
    if (emission instanceof FeedEvent.Data data) {
      lifecycle.client().delivered(data.bytes(), context.epochNanos().getAsLong());
    }
  }
}
