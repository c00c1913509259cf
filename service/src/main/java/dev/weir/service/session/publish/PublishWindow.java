package dev.weir.service.session.publish;

import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.v1.PublisherState;
import dev.weir.v1.Window;

/**
 * The window of a publishing session: how much of its messages is not answered, and how many more
 * it may let in: as many as fit even if each is as large as it may be. It shrinks as the budget of
 * all sessions is used up, down to one message. Owned by the event loop.
 *
 * <p>The budget counts what is in memory, whatever is answered: a message until it is dropped or
 * its partition has replied, which may be long after the session has ended; and answers until they
 * are sent.
 */
@OwnedBy("event loop")
final class PublishWindow {
  private final Budget budget;
  private final int batchesMax;
  private final long bytesMax;
  private final int messageBytesMax;
  private int unsettled;
  private long unsettledBytes;
  private int requested;
  private long toldBytes;
  private long ownBytes; // messages that nobody else holds
  private long answerBytes;
  private boolean closed;

  PublishWindow(Limits limits, Budget budget) {
    this.budget = budget;
    this.batchesMax = limits.getInt(Limit.PUBLISH_WINDOW_BATCHES);
    this.bytesMax = limits.get(Limit.PUBLISH_WINDOW_BYTES);
    this.messageBytesMax = limits.getInt(Limit.MESSAGE_BYTES_MAX);
  }

  /** A message came in. */
  void arrived(int bytes) {
    requested--;
    unsettled++;
    unsettledBytes += bytes;
    ownBytes += bytes;
    budget.take(bytes);
  }

  /**
   * Another thread holds a message now, until {@link #takeBack}.
   *
   * @param more what it takes there besides
   */
  void lend(int bytes, long more) {
    ownBytes -= bytes;
    if (more > 0) {
      budget.take(more);
    }
  }

  /** It holds it no more; once for each {@link #lend}, also when the session has ended. */
  void takeBack(int bytes, long more) {
    if (more > 0) {
      budget.giveBack(more);
    }
    if (closed) {
      budget.giveBack(bytes);
    } else {
      ownBytes += bytes;
    }
  }

  /** Frees the bytes that a message held: it is stored, refused or read. */
  void free(int bytes) {
    if (!closed) {
      ownBytes -= bytes;
      budget.giveBack(bytes);
    }
  }

  /** So much memory is taken by answers that are not sent. */
  void answersTake(long bytes) {
    if (!closed && bytes != answerBytes) {
      budget.take(bytes - answerBytes);
      answerBytes = bytes;
    }
  }

  /** Messages were acknowledged, rejected or answered, and the answers are sent. */
  void settled(int messages, int bytes) {
    unsettled -= messages;
    unsettledBytes -= bytes;
  }

  /** The session ends, and holds nothing any more but what is lent. */
  void close() {
    closed = true;
    budget.giveBack(ownBytes + answerBytes);
    ownBytes = 0;
    answerBytes = 0;
    unsettled = 0;
    unsettledBytes = 0;
  }

  /** Returns whether everything that came in is answered. */
  boolean isSettled() {
    return unsettled == 0;
  }

  /** Returns whether all sessions together hold more than they may. */
  boolean isOver() {
    return budget.lacks(0);
  }

  /** Returns whether the peer may send something. */
  boolean asks() {
    return requested > 0;
  }

  private long bytesNow() {
    return budget.share(messageBytesMax, bytesMax);
  }

  /**
   * Returns the window that the peer is to be told; null where that is about the one it was told
   * last.
   */
  Window news() {
    long now = bytesNow();
    if (Math.abs(now - toldBytes) <= toldBytes / 4 && (now != bytesMax || toldBytes == bytesMax)) {
      return null;
    }
    toldBytes = now;
    return Window.newBuilder().setBatches(batchesMax).setBytes(now).build();
  }

  /** Takes the number of messages to request now; 0 while enough are on their way. */
  int takeRequest() {
    return takeRequest(batchesMax);
  }

  /**
   * The same.
   *
   * @param mostOnTheirWay how many may be
   */
  int takeRequest(int mostOnTheirWay) {
    long fitting = (bytesNow() - unsettledBytes) / messageBytesMax;
    long least = Math.max(unsettled == 0 ? 1 : 0, fitting);
    int room = (int) Math.min(Math.min(least, mostOnTheirWay), batchesMax - unsettled);
    if (requested > room / 2 || requested >= room) {
      return 0;
    }
    int more = room - requested;
    requested = room; // before asking: a message may come at once
    return more;
  }

  /** Says what is not answered. */
  void describe(PublisherState.Builder state) {
    state.setUnsettledBatches(unsettled).setUnsettledBytes(unsettledBytes);
  }
}
