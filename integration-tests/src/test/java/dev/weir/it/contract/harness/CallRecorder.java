package dev.weir.it.contract.harness;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Records every message of a call and how it ended; pulls messages one by one, or none while
 * paused. Thread-safe.
 *
 * @param <Q> requests
 * @param <R> responses
 */
public final class CallRecorder<Q, R> implements ClientResponseObserver<Q, R> {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** After this long without a change, the transport's back-pressure counts as settled. */
  private static final Duration SETTLE = Duration.ofMillis(400);

  /** Messages shown where an await fails. */
  private static final int SHOWN = 20;

  private final List<R> all = new ArrayList<>(); // guarded by this, as all below
  private ClientCallStreamObserver<Q> call;
  private boolean paused;
  private boolean owed;
  private int mark;
  private Throwable failure;
  private boolean over;

  /** A recorder that pulls from the start, or one that first has to be resumed. */
  public CallRecorder(boolean paused) {
    this.paused = paused;
  }

  @Override
  public synchronized void beforeStart(ClientCallStreamObserver<Q> started) {
    call = started;
    started.disableAutoRequestWithInitial(paused ? 0 : 1);
    owed = paused;
    started.setOnReadyHandler(this::wake);
  }

  private synchronized void wake() {
    notifyAll();
  }

  @Override
  public synchronized void onNext(R message) {
    all.add(message);
    notifyAll();
    if (paused) {
      owed = true;
    } else {
      call.request(1);
    }
  }

  @Override
  public synchronized void onError(Throwable failed) {
    failure = failed;
    over = true;
    notifyAll();
  }

  @Override
  public synchronized void onCompleted() {
    over = true;
    notifyAll();
  }

  /** Pulls nothing more than what is under way. */
  public synchronized void pause() {
    paused = true;
  }

  /** Pulls again. */
  public synchronized void resume() {
    paused = false;
    if (owed) {
      owed = false;
      call.request(1);
    }
  }

  /** Returns everything received so far. */
  public synchronized List<R> all() {
    return List.copyOf(all);
  }

  /** Later awaits look only at what comes after this. */
  public synchronized void mark() {
    mark = all.size();
  }

  /** Returns the first message after the mark that fits; waits for it. */
  public synchronized R await(String what, Predicate<? super R> fits) {
    int[] found = {-1};
    awaitThat(
        what,
        () -> {
          for (int i = Math.max(mark, found[0]); i < all.size(); i++) {
            if (fits.test(all.get(i))) {
              found[0] = i;
              return true;
            }
          }
          return false;
        });
    return all.get(found[0]);
  }

  /** Waits until everything received fits. */
  public synchronized void awaitAll(String what, Predicate<List<R>> fits) {
    awaitThat(what, () -> fits.test(all));
  }

  /** Waits until everything received fits, or the call has ended. */
  public synchronized void awaitAllOrEnd(String what, Predicate<List<R>> fits) {
    awaitThat(what, () -> over || fits.test(all));
  }

  /** Waits until the transport would take a request. */
  public synchronized void awaitReady() {
    awaitThat("the call to be ready", () -> call.isReady());
  }

  /** The same, or until the call has ended. */
  public synchronized void awaitReadyOrEnd() {
    awaitThat("the call to be ready", () -> over || call.isReady());
  }

  /** Returns whether the transport takes a request now, or within a moment. */
  public synchronized boolean isReadySoon() {
    long deadlineNanos = System.nanoTime() + SETTLE.toNanos();
    long leftMillis = SETTLE.toMillis();
    try {
      while (!call.isReady() && !over && leftMillis > 0) {
        wait(leftMillis);
        leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
      }
    } catch (InterruptedException stop) {
      throw interrupted(stop);
    }
    return call.isReady() && !over;
  }

  /** Returns whether the call has ended. */
  public synchronized boolean isOver() {
    return over;
  }

  /** Breaks the call. */
  public synchronized void cancel() {
    call.cancel("broken by the test", Status.CANCELLED.asRuntimeException());
  }

  /** Returns how the call ended; waits for it. Messages that come before the end are pulled. */
  public CallFailure awaitEnd() {
    resume();
    synchronized (this) {
      awaitThat("the end of the call", () -> over);
      return failure == null
          ? CallFailure.of(new StatusRuntimeException(Status.OK))
          : CallFailure.of(failure);
    }
  }

  private interface Condition {
    boolean holds();
  }

  private void awaitThat(String what, Condition condition) {
    long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
    long leftMillis = PATIENCE.toMillis();
    try {
      while (!condition.holds()) {
        if (leftMillis <= 0 || over) {
          String why = over ? ", the call ended: " + failure : " in time";
          List<R> newest = all.subList(Math.max(0, all.size() - SHOWN), all.size());
          throw new AssertionError(
              "no " + what + why + "; got " + all.size() + " messages, at last " + newest, failure);
        }
        wait(leftMillis);
        leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
      }
    } catch (InterruptedException stop) {
      throw interrupted(stop);
    }
  }

  private static AssertionError interrupted(InterruptedException stop) {
    Thread.currentThread().interrupt();
    return new AssertionError("interrupted while waiting", stop);
  }
}
