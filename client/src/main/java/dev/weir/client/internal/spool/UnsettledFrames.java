package dev.weir.client.internal.spool;

import dev.weir.client.internal.spool.SpoolFrameReader.Entry;
import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The accepted frames of a spool that are not settled: reads them in order to be sent, passes over
 * those that are missing, and knows how far they may have been sent. Owned by the spool thread.
 */
@OwnedBy("spool thread")
final class UnsettledFrames {
  /** A backlog is read ahead of the state by so many frames, so that it is not saved for each. */
  private static final int SEND_AHEAD_FRAMES = 64;

  private final SpoolSegments segments;
  private final SpoolSequences ledger;
  private final LostFrames losses;

  /** Frames that were read and are not settled, but none behind one that has stopped. */
  private final Deque<SpoolFrame.Head> handed = new ArrayDeque<>();

  private SpoolFrameReader reader;
  private long sendLimit;

  /**
   * The frames that a state says are not settled.
   *
   * @param sendLimit see {@link #sendLimit()}
   */
  UnsettledFrames(
      SpoolSegments segments,
      SpoolSequences ledger,
      LostFrames losses,
      SpoolState state,
      long sendLimit) {
    this.segments = segments;
    this.ledger = ledger;
    this.losses = losses;
    this.reader = new SpoolFrameReader(segments, state.firstFrame(), state.settledReadings());
    this.sendLimit = sendLimit;
  }

  /** The number of the frame that is read next. */
  long expected() {
    return reader.expected();
  }

  /** The last frame that may have been sent; what is durable says so before it is. */
  long sendLimit() {
    return sendLimit;
  }

  /** Frames may be sent up to here once the frame that was written last is synced. */
  void allow(long limit) {
    sendLimit = limit;
  }

  /**
   * The next frame whose parts are to be handed, begun in the ledger; null: none for now.
   *
   * @param acceptedFrames the last one that is accepted
   */
  SpoolFrame next(long acceptedFrames) throws IOException {
    while (reader.expected() <= acceptedFrames) {
      Entry entry = reader.next();
      if (entry instanceof Entry.Whole whole) {
        SpoolFrame frame = whole.frame();
        if (frame.number() <= ledger.stoppedFrom()) { // nothing behind it is settled before
          handed.add(frame.head());
        }
        prune();
        if (frame.number() > sendLimit) {
          sendLimit = Math.min(acceptedFrames, frame.number() + SEND_AHEAD_FRAMES - 1);
          ledger.changed();
        }
        ledger.begin(frame.number());
        return frame;
      } else if (entry instanceof Entry.MissingFrames hole) {
        know(hole);
        passOver(hole);
      } else {
        return null;
      }
    }
    return null;
  }

  /** Reads the frames that are not settled once more. */
  void rewind() {
    long readingsBefore = settledReadings();
    ledger.rewind();
    handed.clear();
    reader = new SpoolFrameReader(segments, ledger.settledThrough() + 1, readingsBefore);
  }

  /** Frames are missing. */
  void know(Entry.MissingFrames hole) {
    if (losses.know(hole)) {
      ledger.changed();
    }
  }

  private void passOver(Entry.MissingFrames hole) {
    for (long frame = hole.from(); frame <= hole.through(); frame++) {
      long neverSent = losses.neverSentThrough(frame);
      if (neverSent > 0) {
        frame = Math.min(hole.through(), neverSent);
        ledger.begin(frame);
      } else {
        ledger.begin(frame);
        ledger.handDamaged(hole.partitions());
      }
    }
  }

  /** A frame that was begun cannot be understood. */
  void unreadable(SpoolFrame frame) {
    SpoolFrame.Head head = frame.head();
    know(new Entry.MissingFrames(head.number(), head.number(), head.readings(), head.partitions()));
    ledger.handDamaged(head.partitions());
  }

  /** Forgets what is settled. */
  void prune() {
    long settled = ledger.settledThrough();
    while (!handed.isEmpty() && handed.element().number() <= settled) {
      handed.remove();
    }
    losses.forget(settled);
  }

  /** Returns the number of readings in the frames before the first one that is not settled. */
  long settledReadings() {
    long settled = ledger.settledThrough();
    for (SpoolFrame.Head head : handed) {
      if (head.number() > settled) {
        return head.readingsBefore();
      }
    }
    return reader.readingsBefore();
  }
}
