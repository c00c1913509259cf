package dev.weir.client.internal.reconnect;

import dev.weir.client.WeirException;
import dev.weir.client.internal.Loop;
import dev.weir.client.internal.OwnedBy;
import java.time.Duration;

/**
 * When a session tries again after a broken link, and when it gives up. Owned by its session, on
 * the loop.
 */
@OwnedBy("loop")
final class Retry {
  private final Loop loop;
  private final Backoff backoff;
  private final long giveUpNanos;

  private boolean down;
  private long downSinceNanos;
  private boolean open;
  private long openedAtNanos;
  private Loop.Timer timer;

  Retry(Loop loop, Backoff backoff, Duration giveUpAfter) {
    this.loop = loop;
    this.backoff = backoff;
    this.giveUpNanos = giveUpAfter.toNanos();
  }

  /** A session is open. */
  void succeeded() {
    down = false;
    open = true;
    openedAtNanos = loop.nanoTime();
  }

  /**
   * Whether it has been without a session for longer than it may. Counts from the first call on.
   */
  boolean isExhausted() {
    long now = loop.nanoTime();
    if (!down) {
      down = true;
      downSinceNanos = now;
    }
    return now - downSinceNanos >= giveUpNanos;
  }

  /** How long to wait now: the back-off, or what the server asked for if that is longer. */
  Duration nextWait(WeirException cause) {
    // A server that opens sessions and breaks them is left alone like one that opens none.
    if (open && loop.nanoTime() - openedAtNanos >= backoff.ceilingNanos()) {
      backoff.reset();
    }
    open = false;
    long asked = cause.retryDelay().orElse(Duration.ZERO).toNanos();
    return Duration.ofNanos(backoff.nextNanos(asked));
  }

  /** Runs the task after a wait, unless it is cancelled. */
  void schedule(Duration wait, Runnable task) {
    timer = loop.schedule(task, wait.toNanos());
  }

  void cancel() {
    if (timer != null) {
      timer.cancel();
    }
  }
}
