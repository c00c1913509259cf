package dev.weir.client.internal.spool;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;

/**
 * What a spool knows besides its frames: who publishes, and where each partition stands. Immutable;
 * its bytes are in docs/formats-spool.md.
 *
 * @param topic the topic's name
 * @param producer the producer's id
 * @param logId the topic's log; empty: not known yet
 * @param epoch the producer's epoch; 0: no session was open yet
 * @param opener says which open of a session is the newest
 * @param accepted what was accepted, at least
 * @param settledReadings readings of all frames before the first one that is not settled
 * @param sendLimit the last frame that may have been sent
 * @param keys how many keys were given to sensors, at least
 * @param droppedReadings readings given up because the spool was full, ever
 * @param damagedReadings readings lost to damage, ever
 * @param anchors where each partition stands; empty before the first session
 * @param excluded pieces at or behind their anchor that have no number, or are settled
 * @param cuts where parts at or behind their anchor are cut: the pieces that begin there
 * @param gone frames that are no longer there, as far as there may be others before them
 */
record SpoolState(
    String topic,
    String producer,
    String logId,
    long epoch,
    Opener opener,
    Accepted accepted,
    long settledReadings,
    long sendLimit,
    int keys,
    long droppedReadings,
    long damagedReadings,
    List<Anchor> anchors,
    List<Part> excluded,
    List<Part> cuts,
    List<LostRange> gone) {

  /**
   * The state of a spool that is new.
   *
   * @param instance a random number
   */
  static SpoolState fresh(String topic, String producer, long instance) {
    return new SpoolState(
        topic,
        producer,
        "",
        0,
        new Opener(instance, 0),
        Accepted.NONE,
        0,
        0,
        0,
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** The first frame that is not settled. */
  long firstFrame() {
    return anchors.stream().mapToLong(Anchor::frame).min().orElse(1);
  }

  /**
   * All processes that find a spool open sessions as one publisher object, and a later one has
   * greater attempts, so that no open of an earlier one wins. Immutable.
   *
   * @param instance the number of that object; 0: none yet
   * @param starts how many processes have found the spool
   */
  record Opener(long instance, long starts) {
    private static final int ATTEMPTS_BITS = 32;

    /** No attempt of this process is at or below, and none of the ones before is above. */
    long attemptsBefore() {
      return starts << ATTEMPTS_BITS;
    }

    /** The next process. */
    Opener next(long newInstance) {
      return new Opener(instance == 0 ? newInstance : instance, starts + 1);
    }
  }

  /**
   * Where a partition stands: all its pieces before a frame are settled, and the first piece from
   * there on has this sequence, the next one the next. Immutable.
   */
  record Anchor(long frame, long sequence) {}

  /**
   * A piece of what a frame has for a partition: from a reading on to the next cut, or to the end.
   * Immutable.
   */
  record Part(long frame, int partition, int from) implements Comparable<Part> {
    private static final Comparator<Part> ORDER =
        Comparator.comparingLong(Part::frame)
            .thenComparingInt(Part::partition)
            .thenComparingInt(Part::from);

    @Override
    public int compareTo(Part other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * Frames that are no longer there. Immutable.
   *
   * @param readings how many readings they held
   */
  record LostRange(long from, long through, long readings, Loss loss) {
    boolean holds(long frame) {
      return from <= frame && frame <= through;
    }
  }

  /** Why frames are no longer there. */
  enum Loss {
    /** Given up because the spool was full, before they were sent: they have no numbers. */
    DROPPED(0),
    /** Damaged before they were sent: they have no numbers. */
    DAMAGED_UNSENT(1),
    /** Damaged, and perhaps sent. */
    DAMAGED(2);

    private final int code;

    Loss(int code) {
      this.code = code;
    }

    /** Its number in the format. */
    int code() {
      return code;
    }

    static Loss of(int code) throws IOException {
      for (Loss loss : values()) {
        if (loss.code == code) {
          return loss;
        }
      }
      throw new IOException("it has a loss of type " + code);
    }
  }

  /**
   * How much was accepted, ever. Immutable.
   *
   * @param frames the last frame's number
   * @param readings readings of all frames
   * @param position the publisher's newest position; empty: none
   * @param behindPosition readings published after it was set
   */
  record Accepted(long frames, long readings, String position, long behindPosition) {
    static final Accepted NONE = new Accepted(0, 0, "", 0);

    /** The first frame that is not accepted. */
    long next() {
      return frames + 1;
    }

    /** With frames that cannot be read. */
    Accepted plus(SpoolFrameReader.Entry.MissingFrames hole) {
      return new Accepted(
          hole.through(), readings + hole.readings(), position, behindPosition + hole.readings());
    }

    /** With one more frame. */
    Accepted plus(SpoolFrame frame) {
      SpoolFrame.Head head = frame.head();
      SpoolFrame.Mark mark = frame.mark();
      return new Accepted(
          head.number(),
          head.readingsThrough(),
          mark == null ? position : mark.position(),
          head.readings() - (mark == null ? -behindPosition : mark.at()));
    }
  }
}
