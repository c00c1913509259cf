package dev.weir.client.internal.spool;

import dev.weir.client.internal.OwnedBy;
import dev.weir.client.internal.spool.SpoolState.Anchor;
import dev.weir.client.internal.spool.SpoolState.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Which part of which frame has which number, so that a restarted process gives every part the
 * number it had, or knows that it is stored. Pure; owned by the spool thread.
 *
 * <p>Frames are handed to the session in order; the parts of a partition have consecutive numbers
 * from its anchor on, but for those that are excluded. What is here is made durable whenever {@link
 * #mustSave} says so, before anything further of that partition is sent; acks alone need not be:
 * the next {@code opened} repeats them.
 */
@OwnedBy("spool thread")
final class Ledger {
  private final List<Line> lines = new ArrayList<>();
  private final Set<Part> excluded = new HashSet<>();
  private long nextFrame;
  private long recoveredLimit;
  private boolean mustSave;

  /** One partition. Owned by the ledger. */
  private static final class Line {
    private final Deque<Long> handed = new ArrayDeque<>();
    private final long startFrame;

    /** The number of the oldest part that is not settled. */
    private long sequence;

    /** Parts of an earlier process that are stored though it did not hear of it. */
    private long toSkip;

    Line(Anchor anchor) {
      this.startFrame = anchor.frame();
      this.sequence = anchor.sequence();
    }
  }

  /**
   * The ledger of a recovered spool.
   *
   * @param firstFrame the first frame that may be handed
   * @param recoveredLimit the last frame that an earlier process may have sent
   */
  Ledger(List<Anchor> anchors, Collection<Part> excluded, long firstFrame, long recoveredLimit) {
    anchors.forEach(anchor -> lines.add(new Line(anchor)));
    this.excluded.addAll(excluded);
    this.nextFrame = anchors.stream().mapToLong(Anchor::frame).min().orElse(firstFrame);
    this.recoveredLimit = recoveredLimit;
  }

  int partitionCount() {
    return lines.size();
  }

  /** The next frame to hand. */
  long nextFrame() {
    return nextFrame;
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
        lines.add(new Line(new Anchor(nextFrame, lastSequences[p] + 1)));
      }
      Line line = lines.get(p);
      if (lastSequences[p] + 1 < line.sequence) {
        lost.add(new Lost(p, lastSequences[p] + 1, line.sequence - 1));
        line.sequence = lastSequences[p] + 1;
      }
      line.toSkip = lastSequences[p] + 1 - line.sequence;
    }
    mustSave = true;
    return lost;
  }

  /** What becomes of a part that is handed. */
  enum Fate {
    /** It is to be sent. */
    SEND,
    /** It is stored: this is news. */
    STORED,
    /** It was settled before. */
    OLD
  }

  /** The next frame is handed; its parts have to follow. */
  void begin(long frame) {
    nextFrame = frame + 1;
    if (frame > recoveredLimit) {
      endSkipping();
    }
  }

  /** What was stored beyond what can have been sent was not this spool's: its numbers are used. */
  private void endSkipping() {
    for (Line line : lines) {
      mustSave |= line.toSkip > 0;
      line.sequence += line.toSkip;
      line.toSkip = 0;
    }
  }

  /** Hands a part of the frame that was begun last. */
  Fate hand(int partition) {
    long frame = nextFrame - 1;
    Line line = lines.get(partition);
    if (frame < line.startFrame || excluded.contains(new Part(frame, partition))) {
      return Fate.OLD;
    }
    if (line.toSkip > 0) {
      line.toSkip--;
      line.sequence++;
      return Fate.STORED;
    }
    line.handed.add(frame);
    return Fate.SEND;
  }

  /** The frame that was begun last is damaged: where its part was not stored it has no number. */
  void handDamaged(long partitions) {
    for (int p = 0; p < lines.size(); p++) {
      boolean has = partitions == 0 || (partitions >>> p & 1) == 1;
      if (has && hand(p) == Fate.SEND) {
        lines.get(p).handed.removeLast();
        exclude(nextFrame - 1, p);
      }
    }
  }

  /** A part is stored under a number. */
  void stored(int partition, long frame, long sequence) {
    Line line = lines.get(partition);
    remove(line, frame);
    line.sequence = sequence + 1;
  }

  /** A part will not be stored; its number goes to the next one. */
  void refused(int partition, long frame) {
    remove(lines.get(partition), frame);
    exclude(frame, partition);
  }

  private void exclude(long frame, int partition) {
    excluded.add(new Part(frame, partition));
    mustSave = true;
  }

  private static void remove(Line line, long frame) {
    Iterator<Long> handed = line.handed.iterator();
    while (handed.hasNext()) {
      if (handed.next() == frame) {
        handed.remove();
        return;
      }
    }
    throw new IllegalStateException("frame " + frame + " was not handed");
  }

  /** A later session counts from another number. */
  void renumber(int partition, long nextSequence) {
    lines.get(partition).sequence = nextSequence;
    mustSave = true;
  }

  /** Whether what is here has to be durable before anything further is sent. */
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

  private long anchorFrame(Line line) {
    return line.handed.isEmpty() ? Math.max(line.startFrame, nextFrame) : line.handed.element();
  }

  /** Where each partition stands. */
  List<Anchor> anchors() {
    return lines.stream().map(line -> new Anchor(anchorFrame(line), line.sequence)).toList();
  }

  /** The parts without numbers that anchors have not passed yet. */
  List<Part> excluded() {
    excluded.removeIf(part -> part.frame() < anchorFrame(lines.get(part.partition())));
    return List.copyOf(excluded);
  }

  /** Everything up to this frame is settled. */
  long settledThrough() {
    return lines.stream().mapToLong(this::anchorFrame).min().orElse(nextFrame) - 1;
  }
}
