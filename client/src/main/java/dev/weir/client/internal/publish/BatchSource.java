package dev.weir.client.internal.publish;

import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BatchFutures;
import dev.weir.client.internal.batch.FramePiece;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.v1.PublishOpened;
import java.util.List;

/** Supplies a sender with batches, and hears what became of them. Owned by the loop. */
interface BatchSource {
  /** The first session is open. */
  void open(PublishOpened opened);

  /**
   * A later session is open.
   *
   * @return whether what is not stored comes once more, cut to new bounds: the sender forgets it
   */
  boolean reopen(PublishOpened opened);

  /** Returns whether there is nothing to take. */
  boolean isEmpty(int partition);

  /** The next batch of a partition; one that is gathering only if it began early enough. */
  ReadingBatch take(int partition, boolean anyOpen, long openUntilNanos);

  /** Returns when the batch that is gathering began, or the given value where there is none. */
  long beganNanos(int partition, long otherwise);

  /**
   * Returns whether a partition has to wait until {@link #refused} or {@link #renumbered} is
   * durable.
   */
  boolean isHeld(int partition);

  /** Batches are stored, in order. */
  void stored(int partition, List<PendingBatch> batches);

  /** A batch will not be stored, and its number goes to another one. */
  void refused(int partition, FramePiece piece, WeirException cause);

  /** Some readings of a batch will not be stored. */
  void refusedInPart(FramePiece piece, WeirException cause);

  /** Batches that are not stored are numbered anew from here on. */
  void renumbered(int partition, long nextSequence);

  /**
   * A partition takes nothing before the server is restarted: no readings of it are given to the
   * sender before a session in which it is not stopped.
   */
  void stop(int partition, WeirException cause);

  /** A partition takes readings again, or still; before anybody hears what became of the others. */
  void resume(int partition);

  /**
   * Returns whether readings of a stopped partition are kept and come once more, and none of them
   * fail.
   */
  boolean keepsReadings();

  /** Gathers no further; what is owed for all that can be taken. */
  List<BatchFutures> flush(int partition);
}
