package dev.weir.client.internal.reconnect;

import dev.weir.client.WeirException;
import dev.weir.client.internal.Loop;
import dev.weir.client.internal.OwnedBy;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When a session tries again after a broken link, and when it gives up. Owned by its session, on
 * the loop.
 */
@OwnedBy("loop")
final class Retry {
  private final Loop loop;

  /** While no session opens. */
  private final Backoff unreachable;

  /** While sessions open and break: a server that does that is left alone too. */
  private final Backoff unsteady;

  private final long giveUpNanos;

  private boolean down;
  private long downSinceNanos;
  private boolean open;
  private long openedAtNanos;
  private Loop.Timer timer;

  Retry(Loop loop, RandomGenerator random, Duration giveUpAfter) {
    this.loop = loop;
    this.unreachable = new Backoff(random);
    this.unsteady = new Backoff(random);
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
    Backoff backoff = open ? unsteady : unreachable;
    if (open && loop.nanoTime() - openedAtNanos >= unsteady.ceilingNanos()) {
      unsteady.reset();
    }
    if (open) {
      unreachable.reset();
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
