package dev.weir.client.internal.connection;

import dev.weir.client.WeirException;
import dev.weir.client.internal.errors.AttemptHistory;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.threads.ClientLoop;
import dev.weir.common.OwnedBy;
import java.time.Duration;

/**
 * Decides which server a session tries, when it tries again, and when it gives up. Owned by its
 * session, on the loop.
 */
@OwnedBy("loop")
public final class ReconnectPolicy {
  private static final String SHUTTING_DOWN = "SHUTTING_DOWN";

  private final ClientLoop loop;
  private final ServerSelector servers;
  private final RetryBudget budget;
  private final AttemptHistory attempts;

  /** While no session opens. */
  private final Backoff unreachable;

  /** While sessions open and break: a server that does that is left alone too. */
  private final Backoff unsteady;

  private final long giveUpNanos;

  private ServerChannels server;
  private boolean trying;
  private long tryingSinceNanos;
  private boolean budgeted;
  private boolean open;
  private long openedAtNanos;
  private ClientLoop.Timer timer;

  public ReconnectPolicy(SessionContext around) {
    this.loop = around.loop();
    this.servers = around.servers();
    this.budget = around.budget();
    this.attempts = new AttemptHistory(around.epochNanos());
    this.unreachable = new Backoff(around.random());
    this.unsteady = new Backoff(around.random());
    this.giveUpNanos = around.options().giveUpAfter().toNanos();
  }

  /** A try begins, at this server: the time in which there was none does not count. */
  public ServerChannels begin() {
    if (!trying) {
      trying = true;
      tryingSinceNanos = loop.nanoTime();
    }
    server = servers.present();
    return server;
  }

  /** A session is open. */
  public void succeeded() {
    trying = false;
    open = true;
    openedAtNanos = loop.nanoTime();
    attempts.clear();
    if (budgeted) {
      budgeted = false;
      budget.giveBack();
    }
  }

  /**
   * The try, or the session, failed.
   *
   * @return null: try again, after {@link #nextWait}; otherwise why not, with the tries before
   */
  public WeirException failed(WeirException cause) {
    attempts.add(server.address(), cause);
    if (!ErrorTranslator.mayReconnect(cause)) {
      return attempts.after(cause);
    }
    servers.leave(server);
    return isExhausted() ? attempts.after(cause) : null;
  }

  /** Returns whether it has tried without success for longer than it may. */
  private boolean isExhausted() {
    return giveUpNanos == 0 || (trying && loop.nanoTime() - tryingSinceNanos >= giveUpNanos);
  }

  /**
   * Returns how long to wait now: the back-off, or what the server asked for if that is longer. A
   * server that stops asks for the time in which it is gone; another one need not wait for that.
   */
  public Duration nextWait(WeirException cause) {
    Backoff backoff = open ? unsteady : unreachable;
    if (open && loop.nanoTime() - openedAtNanos >= unsteady.ceilingNanos()) {
      unsteady.reset();
    }
    if (open) {
      unreachable.reset();
    }
    open = false;
    long asked = cause.retryDelay().orElse(Duration.ZERO).toNanos();
    boolean elsewhere = servers.areSeveral() && cause.reason().equals(SHUTTING_DOWN);
    return Duration.ofNanos(backoff.nextNanos(elsewhere ? 0 : asked));
  }

  /**
   * Returns how long to wait after an end that the server had announced, with the time to come
   * back: not at all, unless sessions end as soon as they open. The next one is opened at another
   * server, if there is one.
   */
  public Duration plannedWait(WeirException cause) {
    servers.leave(server);
    boolean lasted = open && loop.nanoTime() - openedAtNanos >= unsteady.ceilingNanos();
    Duration wait = nextWait(cause);
    return lasted ? Duration.ZERO : wait;
  }

  /**
   * Runs the task after a wait, unless it is cancelled; waits once more where the client has tried
   * as often as it may.
   */
  public void schedule(Duration wait, Runnable task) {
    timer = loop.schedule(() -> runOrWait(task), wait.toNanos());
  }

  private void runOrWait(Runnable task) {
    budgeted = budget.tryTake(loop.nanoTime());
    if (budgeted) {
      task.run();
    } else {
      schedule(Duration.ofNanos(unreachable.nextNanos()), task);
    }
  }

  public void cancel() {
    if (timer != null) {
      timer.cancel();
    }
  }
}
