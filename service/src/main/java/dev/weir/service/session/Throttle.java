package dev.weir.service.session;

import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.credit.Credit;

/**
 * Holds a feed's readings back while its client is delivered more than it may be, and lets them go
 * on in time. Nothing else that the feed has to say waits. Owned by the event loop.
 */
@OwnedBy("event loop")
final class Throttle {
  private final Desk desk;
  private final Loop loop;
  private final Seat seat;
  private final Runnable goOn;
  private Runnable cancel; // null while nothing waits

  /**
   * @param goOn the feed may have its turn again
   */
  Throttle(Desk desk, Loop loop, Seat seat, Runnable goOn) {
    this.desk = desk;
    this.loop = loop;
    this.seat = seat;
    this.goOn = goOn;
  }

  /** Lets the next readings of a feed go, or holds them back. */
  void check(Credit credit) {
    long wait = seat.client().deliveryWait(desk.epochNanos().getAsLong());
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
  void charge(Emission emission) {
    if (emission instanceof Emission.Data data) {
      seat.client().delivered(data.bytes(), desk.epochNanos().getAsLong());
    }
  }
}
