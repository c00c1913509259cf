package dev.weir.service.session;

import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;

/**
 * Holds a feed back while its client is delivered more than it may be, and lets it go on in time.
 * Owned by the event loop.
 */
@OwnedBy("event loop")
final class Throttle {
  private final Desk desk;
  private final Loop loop;
  private final Seat seat;
  private final Runnable goOn;
  private boolean waiting;

  /**
   * @param goOn the feed may have its turn again
   */
  Throttle(Desk desk, Loop loop, Seat seat, Runnable goOn) {
    this.desk = desk;
    this.loop = loop;
    this.seat = seat;
    this.goOn = goOn;
  }

  /** Whether a feed has to wait. */
  boolean holds(Feed feed) {
    long wait = seat.client().deliveryWait(desk.epochNanos().getAsLong());
    if (wait == 0) {
      return false;
    }
    feed.pause();
    if (!waiting) {
      waiting = true;
      loop.schedule(
          wait,
          () -> {
            waiting = false;
            goOn.run();
          });
    }
    return true;
  }

  /** Charges what was said. */
  void charge(Emission emission) {
    if (emission instanceof Emission.Data data) {
      seat.client().delivered(data.bytes(), desk.epochNanos().getAsLong());
    }
  }
}
