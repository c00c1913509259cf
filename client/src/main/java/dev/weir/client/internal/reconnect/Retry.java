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

  private boolean trying;
  private long tryingSinceNanos;
  private boolean open;
  private long openedAtNanos;
  private Loop.Timer timer;

  Retry(Loop loop, RandomGenerator random, Duration giveUpAfter) {
    this.loop = loop;
    this.unreachable = new Backoff(random);
    this.unsteady = new Backoff(random);
    this.giveUpNanos = giveUpAfter.toNanos();
  }

  /** A try begins: the time in which there was none does not count. */
  void begin() {
    if (!trying) {
      trying = true;
      tryingSinceNanos = loop.nanoTime();
    }
  }

  /** A session is open. */
  void succeeded() {
    trying = false;
    open = true;
    openedAtNanos = loop.nanoTime();
  }

  /** Whether it has tried without success for longer than it may. */
  boolean isExhausted() {
    return giveUpNanos == 0 || (trying && loop.nanoTime() - tryingSinceNanos >= giveUpNanos);
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
