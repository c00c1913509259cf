package dev.weir.client.internal.subscribe;

import dev.weir.common.OwnedBy;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;

/**
 * The position of a subscription: what was handed over, and so what the next session is asked for.
 * Owned by the subscriber's thread.
 */
@OwnedBy("subscriber thread")
final class ResumePosition {
  private final Subscription first;

  /** The snapshot asked for is not complete: it can only begin again, from the same start. */
  private boolean snapshotDue;

  private String cursor = "";
  private long counted;

  ResumePosition(Subscription first) {
    this.first = first;
    this.snapshotDue = first.getSnapshot();
  }

  /**
   * Everything up to a cursor was handed over or passed. Snapshots and conflated values have none:
   * until the one after them, the position is the one before.
   *
   * @return the cursor where it is the position now, else empty
   */
  String moveTo(String newCursor) {
    if (newCursor.isEmpty() || snapshotDue) {
      return "";
    }
    cursor = newCursor;
    return newCursor;
  }

  /** A snapshot is complete; its position follows. */
  void completeSnapshot() {
    snapshotDue = false;
  }

  /** So many readings were handed over, with this cursor; until.count takes those of the log. */
  void count(long readings, String deliveryCursor) {
    if (!deliveryCursor.isEmpty()) {
      counted += readings;
    }
  }

  /** Returns whether until.count has nothing left. */
  boolean isUntilReached() {
    long count = first.getUntil().getCount();
    return count > 0 && counted >= count;
  }

  /** Returns the request for a new session. */
  Subscription next() {
    Subscription.Builder next = first.toBuilder();
    if (first.getUntil().getCount() > 0) {
      next.getUntilBuilder().setCount(first.getUntil().getCount() - counted);
    }
    if (!cursor.isEmpty()) {
      next.setStart(Start.newBuilder().setAfterCursor(cursor)).setSnapshot(false);
    }
    return next.build();
  }
}
