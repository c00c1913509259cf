package dev.weir.client.internal.spool;

import dev.weir.client.internal.batch.FramePiece;
import dev.weir.client.internal.spool.SpoolState.Anchor;
import dev.weir.client.internal.spool.SpoolState.Part;
import dev.weir.common.OwnedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which piece of which frame has which number, so that a restarted process gives every piece the
 * number it had, or knows that it is stored. Pure; owned by the spool thread.
 *
 * <p>Frames are handed to the session in order. What a frame has for a partition is one piece, or
 * several where it was cut; the pieces of a partition have consecutive numbers from its anchor on,
 * but for those that are excluded. What is here is made durable whenever {@link #mustSave} says so,
 * before anything further of that partition is sent; acks alone need not be: the next {@code
 * opened} repeats them.
 */
@OwnedBy("spool thread")
final class SpoolSequences {
  private final List<PartitionSequence> lines = new ArrayList<>();
  private final Set<Part> excluded = new HashSet<>();
  private final NavigableSet<Part> cuts = new TreeSet<>();

  /** The last frame of which pieces may be stored though nobody heard of it. */
  private long skipLimit;

  private long nextFrame;
  private long handedThrough;
  private boolean mustSave;

  /** One partition. Owned by the ledger. */
  private static final class PartitionSequence {
    private final Deque<FramePiece> handed = new ArrayDeque<>();
    private long startFrame;

    /** The number of the oldest piece that is not settled. */
    private long sequence;

    /** Pieces that are stored though whoever sent them did not hear of it. */
    private long toSkip;

    /** The server takes nothing: pieces are passed over from startFrame on. */
    private boolean stopped;

    PartitionSequence(Anchor anchor) {
      this.startFrame = anchor.frame();
      this.sequence = anchor.sequence();
    }
  }

  /**
   * The ledger of a recovered spool.
   *
   * @param firstFrame the first frame that may be handed
   * @param skipLimit the last frame that an earlier process may have sent
   */
  SpoolSequences(
      List<Anchor> anchors,
      Collection<Part> excluded,
      Collection<Part> cuts,
      long firstFrame,
      long skipLimit) {
    anchors.forEach(anchor -> lines.add(new PartitionSequence(anchor)));
    this.excluded.addAll(excluded);
    this.cuts.addAll(cuts);
    this.nextFrame = anchors.stream().mapToLong(Anchor::frame).min().orElse(firstFrame);
    this.handedThrough = nextFrame - 1;
    this.skipLimit = skipLimit;
  }

  int partitionCount() {
    return lines.size();
  }

  /** The last frame that may ever have been handed. */
  long handedThrough() {
    return handedThrough;
  }

  /**
   * Acknowledged numbers that are no longer stored. Immutable.
   *
   * @param from the first of them
   * @param through the last
   */
  record Lost(int partition, long from, long through) {}

  /** The first session of this process says what is stored; returns what no longer is. */
  List<Lost> open(long[] lastSequences) {
    List<Lost> lost = new ArrayList<>();
    for (int p = 0; p < lastSequences.length; p++) {
      if (p == lines.size()) {
        lines.add(new PartitionSequence(new Anchor(nextFrame, lastSequences[p] + 1)));
      }
      PartitionSequence line = lines.get(p);
      if (lastSequences[p] + 1 < line.sequence) {
        lost.add(new Lost(p, lastSequences[p] + 1, line.sequence - 1));
        line.sequence = lastSequences[p] + 1;
      }
      line.toSkip = lastSequences[p] + 1 - line.sequence;
    }
    mustSave = true;
    return lost;
  }

  /** The outcome of a piece that is handed. */
  enum Fate {
    /** It is to be sent. */
    SEND,
    /** It is stored: this is news. */
    STORED,
    /** It was settled before. */
    OLD,
    /** Its partition is stopped: it is handed once more when that is over. */
    STOPPED
  }

  /**
   * The server takes nothing for a partition before it is restarted: what is not settled is passed
   * over until {@link #resume}.
   *
   * @return the pieces that were handed, of which the session has none any more
   */
  List<FramePiece> stop(int partition) {
    PartitionSequence line = lines.get(partition);
    line.startFrame = anchorFrame(line);
    line.stopped = true;
    line.toSkip = 0; // the session that resumes it says what is stored
    List<FramePiece> forgotten = List.copyOf(line.handed);
    line.handed.clear();
    return forgotten;
  }

  /**
   * Behind a {@link #rewind}: the server takes a stopped partition's pieces again, but for those
   * that were stored before it stopped, though nobody heard of it.
   */
  void resume(int partition, long lastSequence) {
    PartitionSequence line = lines.get(partition);
    line.stopped = false;
    line.toSkip = Math.max(0, lastSequence + 1 - line.sequence);
    skipLimit = Math.max(skipLimit, handedThrough);
  }

  /** The first frame that is not settled because its partition is stopped. */
  long stoppedFrom() {
    return lines.stream()
        .filter(line -> line.stopped)
        .mapToLong(line -> line.startFrame)
        .min()
        .orElse(Long.MAX_VALUE);
  }

  /** The next frame is handed; its pieces have to follow. */
  void begin(long frame) {
    nextFrame = frame + 1;
    handedThrough = Math.max(handedThrough, frame);
    if (frame > skipLimit) {
      endSkipping();
    }
  }

  /** What was stored beyond what can have been sent was not this spool's: its numbers are used. */
  private void endSkipping() {
    for (PartitionSequence line : lines) {
      mustSave |= line.toSkip > 0;
      line.sequence += line.toSkip;
      line.toSkip = 0;
    }
  }

  /** Hands the piece of the frame that was begun last that begins at a reading. */
  Fate hand(int partition, int from) {
    long frame = nextFrame - 1;
    PartitionSequence line = lines.get(partition);
    if (frame < line.startFrame || excluded.contains(new Part(frame, partition, from))) {
      return Fate.OLD;
    }
    if (line.stopped) {
      return Fate.STOPPED;
    }
    if (line.toSkip > 0) {
      line.toSkip--;
      line.sequence++;
      if (endOf(partition, from, Integer.MAX_VALUE) < Integer.MAX_VALUE) {
        excluded.add(new Part(frame, partition, from)); // the anchor may stay at the frame
      }
      return Fate.STORED;
    }
    line.handed.add(new FramePiece(frame, from));
    return Fate.SEND;
  }

  /** Returns the end of the piece that begins at a reading of the frame that was begun last. */
  int endOf(int partition, int from, int readings) {
    Part next = cuts.higher(new Part(nextFrame - 1, partition, from));
    boolean cut = next != null && next.frame() == nextFrame - 1 && next.partition() == partition;
    return cut ? Math.min(next.from(), readings) : readings;
  }

  /** The piece that was handed last ends at a reading, and another one begins there. */
  void cut(int partition, int at) {
    cuts.add(new Part(nextFrame - 1, partition, at));
    mustSave = true;
  }

  /**
   * Everything that is not settled will be handed once more, from {@link #settledThrough} on: no
   * session has it any more, and none of it is stored.
   */
  void rewind() {
    for (PartitionSequence line : lines) {
      line.startFrame = anchorFrame(line);
      line.handed.clear();
    }
    nextFrame = lines.stream().mapToLong(line -> line.startFrame).min().orElse(nextFrame);
  }

  /** The frame that was begun last is damaged: where its part was not stored it has no number. */
  void handDamaged(long partitions) {
    for (int p = 0; p < lines.size(); p++) {
      int from = partitions == 0 || (partitions >>> p & 1) == 1 ? 0 : Integer.MAX_VALUE;
      while (from < Integer.MAX_VALUE) {
        if (hand(p, from) == Fate.SEND) {
          exclude(p, lines.get(p).handed.removeLast());
        }
        from = endOf(p, from, Integer.MAX_VALUE);
      }
    }
  }

  /** A piece is stored under a number. */
  void stored(int partition, FramePiece piece, long sequence) {
    PartitionSequence line = lines.get(partition);
    remove(line, piece);
    line.sequence = sequence + 1;
    FramePiece next = line.handed.peek();
    if (next != null && next.frame() == piece.frame()) {
      // The anchor stays at the frame, with the number of the next piece.
      excluded.add(new Part(piece.frame(), partition, piece.from()));
    }
  }

  /** A piece will not be stored; its number goes to the next one. */
  void refused(int partition, FramePiece piece) {
    remove(lines.get(partition), piece);
    exclude(partition, piece);
  }

  private void exclude(int partition, FramePiece piece) {
    excluded.add(new Part(piece.frame(), partition, piece.from()));
    mustSave = true;
  }

  private static void remove(PartitionSequence line, FramePiece piece) {
    if (!line.handed.removeFirstOccurrence(piece)) {
      throw new IllegalStateException(piece + " was not handed");
    }
  }

  /** A later session counts from another number. */
  void renumber(int partition, long nextSequence) {
    lines.get(partition).sequence = nextSequence;
    mustSave = true;
  }

  /** Returns whether what is here has to be durable before anything further is sent. */
  boolean mustSave() {
    return mustSave;
  }

  /** Something besides this ledger has to be durable too. */
  void changed() {
    mustSave = true;
  }

  /** It is durable. */
  void saved() {
    mustSave = false;
  }

  private long anchorFrame(PartitionSequence line) {
    if (line.stopped) {
      return line.startFrame;
    }
    return line.handed.isEmpty()
        ? Math.max(line.startFrame, nextFrame)
        : line.handed.element().frame();
  }

  /** Returns the position of each partition. */
  List<Anchor> anchors() {
    return lines.stream().map(line -> new Anchor(anchorFrame(line), line.sequence)).toList();
  }

  /** The pieces without numbers that anchors have not passed yet. */
  List<Part> excluded() {
    excluded.removeIf(this::isPassed);
    return List.copyOf(excluded);
  }

  /** The cuts that anchors have not passed yet. */
  List<Part> cuts() {
    cuts.removeIf(this::isPassed);
    return List.copyOf(cuts);
  }

  private boolean isPassed(Part part) {
    return part.frame() < anchorFrame(lines.get(part.partition()));
  }

  /** Everything up to this frame is settled. */
  long settledThrough() {
    return lines.stream().mapToLong(this::anchorFrame).min().orElse(nextFrame) - 1;
  }
}
