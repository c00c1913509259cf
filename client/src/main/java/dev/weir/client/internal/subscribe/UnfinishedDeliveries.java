package dev.weir.client.internal.subscribe;

import dev.weir.common.OwnedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * The deliveries that were handed over and are not finished, in order, and the position after those
 * that are. Owned by the subscriber's thread; stages complete on any thread and only wake it.
 */
@OwnedBy("subscriber thread")
final class UnfinishedDeliveries {
  private final int max;
  private final CreditLedger credit;
  private final Runnable wake;
  private final Deque<Part> parts = new ArrayDeque<>();

  private volatile String finishedCursor = "";

  UnfinishedDeliveries(int max, CreditLedger credit, Runnable wake) {
    this.max = max;
    this.credit = credit;
    this.wake = wake;
  }

  /** Returns the position after everything that is finished. Thread-safe. */
  String finishedCursor() {
    return finishedCursor;
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** Returns whether the next delivery has to wait. */
  boolean isFull() {
    return max > 0 && parts.size() >= max;
  }

  /** A delivery was handed over; a null stage is complete. The cursor may be empty. */
  void add(CompletionStage<?> stage, String cursor, long readings, long bytes) {
    credit.handed(readings, bytes);
    Part part = new Part(cursor, readings, bytes);
    parts.add(part);
    if (stage == null) {
      part.done = true;
      return;
    }
    stage.whenComplete(
        (nothing, failure) -> {
          boolean wrapped = failure instanceof CompletionException && failure.getCause() != null;
          part.failure = wrapped ? failure.getCause() : failure;
          part.done = true;
          wake.run();
        });
  }

  /** The position moved on without readings; that is finished when everything before is. */
  void pass(String cursor) {
    if (cursor.isEmpty()) {
      return;
    }
    if (parts.isEmpty()) {
      finishedCursor = cursor;
    } else {
      parts.getLast().cursor = cursor;
    }
  }

  /**
   * Takes out what is finished.
   *
   * @return whether new credit is to be sent to the server
   */
  boolean settle() {
    boolean tell = false;
    while (failure() == null && !parts.isEmpty() && parts.getFirst().done) {
      Part part = parts.removeFirst();
      if (!part.cursor.isEmpty()) {
        finishedCursor = part.cursor;
      }
      tell |= credit.finished(part.readings, part.bytes);
    }
    return tell;
  }

  /** Returns why the first one that is left cannot be finished, or null. */
  Throwable failure() {
    Part first = parts.peekFirst();
    return first != null && first.done ? first.failure : null;
  }

  /** One delivery. Owned like the list; the outcome may come from any thread, once. */
  private static final class Part {
    private final long readings;
    private final long bytes;
    private String cursor;
    private Throwable failure;
    private volatile boolean done;

    Part(String cursor, long readings, long bytes) {
      this.cursor = cursor;
      this.readings = readings;
      this.bytes = bytes;
    }
  }
}
