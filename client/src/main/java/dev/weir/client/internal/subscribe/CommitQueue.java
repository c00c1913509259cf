package dev.weir.client.internal.subscribe;

import dev.weir.client.WeirException;
import dev.weir.client.internal.errors.ErrorTranslator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * Holds the cursors of a durable subscription that are to be committed: one waits, one is under
 * way, one has its answer. Thread-safe; its lock guards these three, and no future is completed
 * under it.
 */
final class CommitQueue {
  private Commit waiting;
  private Commit underWay;
  private Answer answer;
  private boolean over;

  /** The cursor that the clock need not commit again. */
  private String asked = "";

  private volatile String committed = "";

  /**
   * A cursor to commit.
   *
   * @param byClock nobody waits for it
   */
  private record Commit(String cursor, CompletableFuture<String> done, boolean byClock) {}

  /** The result of a commit: the cursor now committed, or a failure. */
  record Answer(
      CompletableFuture<String> done, boolean byClock, String cursor, WeirException failure) {}

  /** The cursor last heard to be committed. */
  String committed() {
    return committed;
  }

  /** The user asks; the last cursor that waits stands for those before it. */
  synchronized CompletableFuture<String> ask(String cursor) {
    if (over) {
      return CompletableFuture.failedFuture(ErrorTranslator.closed("the subscriber"));
    }
    CompletableFuture<String> done = waiting == null ? new CompletableFuture<>() : waiting.done();
    waiting = new Commit(cursor, done, false);
    return done;
  }

  /** The clock asks; only where nothing else is to be committed, and something is new. */
  synchronized void askByClock(String cursor) {
    boolean idle = waiting == null && underWay == null && answer == null;
    if (!over && idle && !cursor.isEmpty() && !cursor.equals(asked)) {
      waiting = new Commit(cursor, new CompletableFuture<>(), true);
    }
  }

  /** Begins the one that waits, if its turn has come; else empty. */
  synchronized String begin() {
    if (waiting == null || underWay != null || answer != null) {
      return "";
    }
    underWay = waiting;
    waiting = null;
    asked = underWay.cursor();
    return asked;
  }

  /**
   * The one under way failed for now: what to commit in its place.
   *
   * @param finished the position after what is finished, as far as the clock may commit
   */
  synchronized String again(String finished) {
    if (underWay == null) {
      return "";
    }
    if (underWay.byClock()) {
      underWay = new Commit(finished, underWay.done(), true);
      asked = finished;
    }
    return underWay.cursor();
  }

  /** The server reports what is committed now. */
  synchronized void succeed(String cursor) {
    if (underWay != null && !over) {
      committed = cursor;
      answer = new Answer(underWay.done(), underWay.byClock(), cursor, null);
      underWay = null;
    }
  }

  /** The server refused the one under way. */
  synchronized void fail(WeirException failure) {
    if (underWay != null) {
      answer = new Answer(underWay.done(), underWay.byClock(), "", failure);
      underWay = null;
      asked = "";
    }
  }

  /** Takes the answer that was not reported yet, or null; the next one may begin after it. */
  synchronized Answer takeAnswer() {
    Answer taken = answer;
    answer = null;
    return taken;
  }

  /**
   * The subscription is over: commits what is left, first what the user asked for, then what was
   * finished. Blocks.
   *
   * @param finished where the clock commits: the position after what was finished; else empty
   * @param commitNow commits a cursor and returns the one now committed
   * @return why the finished one is not committed, or null
   */
  WeirException finish(String finished, UnaryOperator<String> commitNow) {
    tell(takeAnswer());
    String asked = newestAsked();
    if (!asked.isEmpty()) {
      abandon(tryNow(asked, commitNow));
    }
    boolean left = !finished.isEmpty() && !finished.equals(committed);
    return left ? tryNow(finished, commitNow) : null;
  }

  private synchronized String newestAsked() {
    over = true;
    if (waiting != null && !waiting.byClock()) {
      return waiting.cursor();
    }
    return underWay != null && !underWay.byClock() ? underWay.cursor() : "";
  }

  private WeirException tryNow(String cursor, UnaryOperator<String> commitNow) {
    try {
      committed = commitNow.apply(cursor);
      return null;
    } catch (WeirException e) {
      return e;
    }
  }

  /**
   * Nothing more is committed here: all who wait hear of the failure, or without one of success.
   */
  void abandon(WeirException failure) {
    List<CompletableFuture<String>> left = new ArrayList<>();
    synchronized (this) {
      over = true;
      for (Commit commit : Arrays.asList(underWay, waiting)) {
        if (commit != null) {
          left.add(commit.done());
        }
      }
      underWay = null;
      waiting = null;
    }
    left.forEach(done -> complete(done, committed, failure));
    tell(takeAnswer());
  }

  /** Completes the future of an answer; null: there is none. */
  static void tell(Answer answer) {
    if (answer != null) {
      complete(answer.done(), answer.cursor(), answer.failure());
    }
  }

  private static void complete(
      CompletableFuture<String> done, String cursor, WeirException failure) {
    if (failure == null) {
      done.complete(cursor);
    } else {
      done.completeExceptionally(failure);
    }
  }
}
