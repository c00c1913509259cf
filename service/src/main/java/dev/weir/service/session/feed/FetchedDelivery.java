package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.budget.Budget;

/**
 * What one feed fetched and has not said, which is as good as unsent, and counted so. Owned by the
 * event loop.
 */
@OwnedBy("event loop")
final class FetchedDelivery {
  private final Budget unsent;
  private FeedEvent.Data data;
  private long bytes;

  FetchedDelivery(Budget unsent) {
    this.unsent = unsent;
  }

  boolean isEmpty() {
    return data == null;
  }

  /** Keeps it; there is nothing yet. */
  void put(FeedEvent.Data fetched) {
    bytes = fetched.bytes();
    unsent.take(bytes);
    data = fetched;
  }

  /** Gives it away, and with it the count; null where there is nothing. */
  FeedEvent.Data take() {
    FeedEvent.Data taken = data;
    data = null;
    unsent.giveBack(bytes);
    bytes = 0;
    return taken;
  }
}
