package dev.weir.service.session.subscribe;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.state.SubscriptionLifecycle;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The turns of a session's subscriptions, which are fair by bytes: each may send a quantum per
 * round, and what it sent beyond that is its deficit in the next rounds. Owned by the event loop.
 */
@OwnedBy("event loop")
final class DeficitRoundRobin {
  private final int quantumBytes;
  private final Deque<SessionSubscription> runnable = new ArrayDeque<>(1); // of an idle session

  /**
   * @param quantumBytes a subscription may send in one round
   */
  DeficitRoundRobin(int quantumBytes) {
    this.quantumBytes = quantumBytes;
  }

  /** Returns whether no subscription may have something to say. */
  boolean isEmpty() {
    return runnable.isEmpty();
  }

  /** Gives a subscription a turn, which may have something to say; nothing unless it is active. */
  void add(SessionSubscription member) {
    if (!member.queued && member.state == SubscriptionLifecycle.ACTIVE) {
      member.queued = true;
      runnable.add(member);
    }
  }

  /** Takes the subscription whose turn it is; null if it has ended meanwhile. Not when empty. */
  SessionSubscription take() {
    SessionSubscription member = runnable.remove();
    member.queued = false;
    return member.state == SubscriptionLifecycle.ACTIVE ? member : null;
  }

  /** Begins the turn of a subscription; false if it pays for what it sent, and comes again. */
  boolean begin(SessionSubscription member) {
    if (member.deficit <= 0) {
      member.deficit += quantumBytes;
      if (member.deficit <= 0) {
        add(member);
        return false;
      }
    }
    return true;
  }

  /** The subscription whose turn it is had nothing to say. */
  void idle(SessionSubscription member) {
    member.deficit = 0; // it owes nothing: who does is not asked
  }

  /** The subscription whose turn it is said something, and may have more. */
  void goOn(SessionSubscription member) {
    if (member.deficit > 0) {
      member.queued = true;
      runnable.addFirst(member); // its turn lasts until its bytes are used up
    } else {
      add(member);
    }
  }
}
