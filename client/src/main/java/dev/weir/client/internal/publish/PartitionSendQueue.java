package dev.weir.client.internal.publish;

import dev.weir.client.internal.connection.EncodedMessage;
import dev.weir.common.OwnedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The numbers of one partition: what was sent, acknowledged and rejected, by rule 1 of
 * PublishService. Pure; owned by the sender, on the loop.
 *
 * <p>Batches wait until they are sent, and are in flight until they are acknowledged or rejected.
 * After a reject nothing is sent until nothing is in flight; then what was rejected only for its
 * number, or may be retried, is numbered anew, in its old order and before everything else.
 *
 * <p>While the server has the partition stopped nothing is sent. A batch of which nobody knows
 * whether it is stored is doubtful: it keeps its number until a session reports what was stored.
 */
@OwnedBy("loop")
final class PartitionSendQueue {
  /**
   * Least time between two batches where the second is not full, on average: a stream with longer
   * pauses never waits for it, a busy one gathers although each batch is acknowledged at once.
   */
  static final long SPACING_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  /**
   * With fewer unacknowledged, a batch that is not full is sent before its linger: an ack that is
   * late by a few spacings holds up nothing, and a slow server gets fewer and larger ones.
   */
  static final int AHEAD_MAX = 4;

  private final int partition;
  private final Deque<PendingBatch> waiting = new ArrayDeque<>();
  private final Deque<PendingBatch> inFlight = new ArrayDeque<>();
  private final List<PendingBatch> rejected = new ArrayList<>();
  private final Deque<PendingBatch> doubtful = new ArrayDeque<>(); // by number
  private boolean stopped;

  private long acknowledged;
  private long next;
  private boolean sentAny;
  private long sentNanos;
  private boolean settling;
  private boolean outOfStep;
  private boolean anotherReason;
  private boolean retrying;
  private long resumeAtNanos;
  private boolean resumeLater;

  PartitionSendQueue(int partition, long lastSequence) {
    this.partition = partition;
    this.acknowledged = lastSequence;
    this.next = lastSequence + 1;
  }

  /** Returns whether a batch need not gather further. */
  boolean takesAny(long nowNanos) {
    return isSwift() && (!sentAny || nowNanos - spacedNanos() >= 0);
  }

  /**
   * Returns when it takes any batch by time alone; or the given value where acks are to come first.
   */
  long takesAnyAtNanos(long otherwise) {
    return isSwift() ? spacedNanos() : otherwise;
  }

  private boolean isSwift() {
    return inFlight.size() < AHEAD_MAX && waiting.isEmpty() && !settling;
  }

  private long spacedNanos() {
    return sentNanos + SPACING_NANOS;
  }

  boolean maySend(long nowNanos) {
    return !settling && !stopped && (!resumeLater || nowNanos - resumeAtNanos >= 0);
  }

  /** Returns whether one of those rejected at present may be retried, so that the wait is known. */
  boolean isRetrying() {
    return retrying;
  }

  /** Returns whether a retry has to wait for {@link #resumeAtNanos}. */
  boolean isDelayed(long nowNanos) {
    return !settling && resumeLater && nowNanos - resumeAtNanos < 0;
  }

  long resumeAtNanos() {
    return resumeAtNanos;
  }

  void add(PendingBatch batch) {
    waiting.add(batch);
  }

  /** Returns the batch that is to be sent next, or null. */
  PendingBatch peek() {
    return waiting.peek();
  }

  /** Numbers the batch that is next and puts it in flight. */
  EncodedMessage send(long nowNanos) {
    PendingBatch batch = waiting.remove();
    long late = nowNanos - spacedNanos();
    boolean onTime = sentAny && late >= 0 && late < SPACING_NANOS;
    sentNanos = onTime ? spacedNanos() : nowNanos; // a late timer does not add up
    sentAny = true;
    inFlight.add(batch);
    return batch.numbered(partition, next++);
  }

  /** Drops the batch that is next, before it was ever stored. */
  PendingBatch drop() {
    return waiting.remove();
  }

  /** Everything up to a number is stored; returns what that settles, oldest first. */
  List<PendingBatch> acknowledge(long throughSequence) {
    List<PendingBatch> stored = new ArrayList<>();
    while (!inFlight.isEmpty() && inFlight.element().sequence() <= throughSequence) {
      PendingBatch batch = inFlight.remove();
      acknowledged = batch.sequence();
      stored.add(batch);
    }
    resumeWhenSettled();
    return stored;
  }

  /** The consequence of a reject. */
  enum Verdict {
    /** Rejected only because a batch before it was. */
    BEHIND,
    /** Rejected for now; the same readings are sent again later. */
    RETRY,
    /** Rejected for good. */
    FINAL
  }

  /**
   * Nothing of a batch is stored. Returns the batch, or null where the number is not in flight:
   * such a reject belongs to an older use of the number and means nothing.
   *
   * @param resumeNanos when to send again at the earliest, for the first RETRY of several
   */
  PendingBatch reject(long sequence, long expected, Verdict verdict, long resumeNanos) {
    PendingBatch batch = removeInFlight(sequence);
    if (batch == null) {
      return null;
    }
    settling = true;
    if (verdict != Verdict.FINAL) {
      rejected.add(batch);
    }
    anotherReason |= verdict != Verdict.BEHIND;
    if (verdict == Verdict.RETRY && !retrying) {
      retrying = true;
      resumeLater = true;
      resumeAtNanos = resumeNanos;
    }
    outOfStep |= expected > sequence;
    resumeWhenSettled();
    return batch;
  }

  private PendingBatch removeInFlight(long sequence) {
    for (Iterator<PendingBatch> it = inFlight.iterator(); it.hasNext(); ) {
      PendingBatch batch = it.next();
      if (batch.sequence() == sequence) {
        it.remove();
        return batch;
      }
    }
    return null;
  }

  /** Returns whether the server takes nothing for it before a restart. */
  boolean isStopped() {
    return stopped;
  }

  /** Nothing is sent before a session in which it is not stopped; returns what is not stored. */
  List<PendingBatch> stop() {
    stopped = true;
    return takeUnsent();
  }

  private List<PendingBatch> takeUnsent() {
    List<PendingBatch> unsent = new ArrayList<>(rejected);
    unsent.sort(Comparator.comparingLong(PendingBatch::sequence));
    unsent.addAll(waiting);
    rejected.clear();
    waiting.clear();
    settling = false;
    anotherReason = false;
    retrying = false;
    resumeLater = false;
    return unsent;
  }

  /** Nothing of a batch is stored, and the partition is stopped; null where it is not in flight. */
  PendingBatch refuse(long sequence) {
    return removeInFlight(sequence);
  }

  /** Removes a batch whose outcome is unknown, and returns it; null where it is not in flight. */
  PendingBatch doubt(long sequence) {
    PendingBatch batch = removeInFlight(sequence);
    if (batch != null) {
      doubtful.add(batch);
    }
    return batch;
  }

  /** Returns the bytes that doubtful batches hold of the publisher's buffer. */
  long doubtfulBytes() {
    long bytes = 0;
    for (PendingBatch batch : doubtful) {
      bytes += batch.heldBytes();
    }
    return bytes;
  }

  /** Does not wait for the newest of them any more; null where there is none. */
  PendingBatch dropNewestDoubtful() {
    return doubtful.pollLast();
  }

  private void resumeWhenSettled() {
    if (!settling || !inFlight.isEmpty()) {
      return;
    }
    outOfStep |= !anotherReason;
    requeueRejected();
    settling = false;
    anotherReason = false;
    retrying = false;
    next = acknowledged + 1;
  }

  private void requeueRejected() {
    rejected.sort((a, b) -> Long.compare(b.sequence(), a.sequence()));
    rejected.forEach(waiting::addFirst);
    rejected.clear();
  }

  /**
   * Returns whether the server counts differently: it expects a number after the one it rejected,
   * or rejected numbers without a first cause. Only a new session can settle that.
   */
  boolean isOutOfStep() {
    return outOfStep && !settling;
  }

  /**
   * The batches that a new session settles.
   *
   * @param stored the batches that were stored though their acks were lost, oldest first
   * @param lostFrom the first acknowledged number that is gone
   * @param lostThrough the last one; below lostFrom where nothing is
   * @param refused the batches that are not stored and not to be sent, as it is stopped
   */
  record Reopened(
      List<PendingBatch> stored, long lostFrom, long lostThrough, List<PendingBatch> refused) {}

  /**
   * A new session reports which number was stored last; the rest will be numbered anew after it.
   */
  Reopened reopen(long lastSequence) {
    Reopened reopened = settle(lastSequence, List.of());
    rejected.addAll(inFlight);
    inFlight.clear();
    requeueRejected();
    stopped = false;
    settling = false;
    anotherReason = false;
    retrying = false;
    resumeLater = false;
    return reopened;
  }

  /**
   * A new session reports the same, and that the partition takes nothing before a restart.
   *
   * @param inDoubtThrough numbers after the last one, up to this one, may be stored
   */
  Reopened reopenStopped(long lastSequence, long inDoubtThrough) {
    stopped = true;
    List<PendingBatch> refused = new ArrayList<>();
    Reopened reopened = settle(lastSequence, refused);
    while (!inFlight.isEmpty() && inFlight.element().sequence() <= inDoubtThrough) {
      doubtful.add(inFlight.remove());
    }
    refused.addAll(inFlight);
    inFlight.clear();
    refused.addAll(takeUnsent());
    return reopened;
  }

  /** Takes out what is stored, and puts all else of which somebody asked back into flight. */
  private Reopened settle(long lastSequence, List<PendingBatch> refused) {
    List<PendingBatch> asked = new ArrayList<>(doubtful);
    asked.addAll(inFlight);
    asked.sort(Comparator.comparingLong(PendingBatch::sequence));
    doubtful.clear();
    inFlight.clear();
    List<PendingBatch> stored = new ArrayList<>();
    asked.forEach(batch -> (batch.sequence() <= lastSequence ? stored : inFlight).add(batch));
    Reopened reopened = new Reopened(stored, lastSequence + 1, acknowledged, refused);
    acknowledged = lastSequence;
    next = lastSequence + 1;
    outOfStep = false;
    return reopened;
  }

  /** The batches that wait, in order; their bytes may be exchanged. */
  Deque<PendingBatch> waiting() {
    return waiting;
  }

  /** Returns everything that is neither stored nor failed, in order. */
  List<PendingBatch> unsettled() {
    List<PendingBatch> all = new ArrayList<>(doubtful);
    all.addAll(inFlight);
    all.addAll(rejected);
    all.addAll(waiting);
    return all;
  }

  /** Takes out everything, because the publisher ends. */
  List<PendingBatch> clear() {
    List<PendingBatch> all = unsettled();
    doubtful.clear();
    inFlight.clear();
    rejected.clear();
    waiting.clear();
    return all;
  }
}
