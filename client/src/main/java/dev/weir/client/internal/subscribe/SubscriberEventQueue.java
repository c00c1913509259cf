package dev.weir.client.internal.subscribe;

import java.util.concurrent.ArrayBlockingQueue;

/**
 * A bounded queue of what has arrived for a subscriber's thread, and a flag that it should look
 * around for anything else. Thread-safe; its lock guards both.
 */
final class SubscriberEventQueue {
  private final ArrayBlockingQueue<SubscriberEvent> arrivals;
  private final int capacity;
  private boolean woken;

  SubscriberEventQueue(int capacity) {
    this.arrivals = new ArrayBlockingQueue<>(capacity);
    this.capacity = capacity;
  }

  synchronized void offer(SubscriberEvent inbound) {
    if (!arrivals.offer(inbound)) {
      throw new IllegalStateException("more arrived than was requested: " + capacity);
    }
    notifyAll();
  }

  /** Wakes the thread for a change that is no arrival; {@link #take} returns null once. */
  synchronized void wake() {
    woken = true;
    notifyAll();
  }

  /** Waits for the next arrival, if they are wanted, or null after a wake, which goes first. */
  synchronized SubscriberEvent take(boolean arrivalsToo) throws InterruptedException {
    while (!woken && !(arrivalsToo && !arrivals.isEmpty())) {
      wait();
    }
    if (woken) {
      woken = false;
      return null;
    }
    return arrivals.remove();
  }
}
