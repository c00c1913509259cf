package dev.weir.service.session;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.budget.Budget;

/**
 * What one feed fetched and has not said, which is as good as unsent, and counted so. Owned by the
 * event loop.
 */
@OwnedBy("event loop")
final class Prepared {
  private final Budget unsent;
  private Emission.Data data;
  private long bytes;

  Prepared(Budget unsent) {
    this.unsent = unsent;
  }

  boolean isEmpty() {
    return data == null;
  }

  /** Keeps it; there is nothing yet. */
  void put(Emission.Data fetched) {
    bytes = fetched.bytes();
    unsent.take(bytes);
    data = fetched;
  }

  /** Gives it away, and with it the count; null where there is nothing. */
  Emission.Data take() {
    Emission.Data taken = data;
    data = null;
    unsent.giveBack(bytes);
    bytes = 0;
    return taken;
  }
}
