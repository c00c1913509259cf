package dev.weir.client.internal.spool;

import dev.weir.client.internal.spool.SpoolFrameReader.Entry.MissingFrames;
import dev.weir.client.internal.spool.SpoolState.Loss;
import dev.weir.client.internal.spool.SpoolState.LostRange;
import dev.weir.common.OwnedBy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The frames of a spool that are gone, each counted and told once. Owned by the spool thread. */
@OwnedBy("spool thread")
final class LostFrames {
  private final List<LostRange> gone;
  private final long recoveredLimit;
  private long dropped;
  private long damaged;
  private long droppedTold;
  private long damagedTold;

  /**
   * What an earlier process knew.
   *
   * @param recoveredLimit the last frame that it may have sent
   */
  LostFrames(SpoolState state, long recoveredLimit) {
    this.gone = new ArrayList<>(state.gone());
    this.recoveredLimit = recoveredLimit;
    this.dropped = state.droppedReadings();
    this.damaged = state.damagedReadings();
    this.droppedTold = dropped;
    this.damagedTold = damaged;
  }

  /** A segment makes room; returns what {@link #undo} takes back. */
  LostRange drop(SpoolSegments.Segment segment) {
    LostRange lost =
        new LostRange(segment.firstFrame(), segment.lastFrame(), segment.readings(), Loss.DROPPED);
    gone.add(lost);
    dropped += lost.readings();
    return lost;
  }

  void undo(LostRange lost) {
    gone.remove(lost);
    dropped -= lost.readings();
  }

  /** Frames cannot be read; whether that is news. */
  boolean know(MissingFrames hole) {
    List<LostRange> known =
        gone.stream()
            .filter(g -> g.from() <= hole.through() && hole.from() <= g.through())
            .sorted(Comparator.comparingLong(LostRange::from))
            .toList();
    int before = gone.size();
    long readings = hole.readings() - known.stream().mapToLong(LostRange::readings).sum();
    long from = hole.from();
    for (LostRange g : known) {
      readings = damage(from, g.from() - 1, readings);
      from = Math.max(from, g.through() + 1);
    }
    damage(from, hole.through(), readings);
    return gone.size() > before;
  }

  /** Counts a run of frames as damaged; returns the readings that are not counted then. */
  private long damage(long from, long through, long readings) {
    if (from > through) {
      return readings;
    }
    damaged += readings;
    long sentThrough = Math.min(through, Math.max(recoveredLimit, from - 1));
    if (sentThrough >= from) {
      gone.add(new LostRange(from, sentThrough, readings, Loss.DAMAGED));
    }
    if (sentThrough < through) {
      long rest = sentThrough >= from ? 0 : readings;
      gone.add(new LostRange(sentThrough + 1, through, rest, Loss.DAMAGED_UNSENT));
    }
    return 0;
  }

  /** The last frame of a run from here on that was never sent, or 0. */
  long neverSentThrough(long frame) {
    for (LostRange g : gone) {
      if (g.loss() != Loss.DAMAGED && g.holds(frame)) {
        return g.through();
      }
    }
    return 0;
  }

  boolean holds(long frame) {
    return gone.stream().anyMatch(g -> g.holds(frame));
  }

  /** Readings that are gone behind a frame. */
  long readingsBehind(long frame) {
    return gone.stream().filter(g -> g.from() > frame).mapToLong(LostRange::readings).sum();
  }

  /** Frames up to here are settled, and nobody will look at them again. */
  void forget(long settledThrough) {
    gone.removeIf(g -> g.through() <= settledThrough);
  }

  List<LostRange> list() {
    return List.copyOf(gone);
  }

  /** Readings given up because the spool was full, ever. */
  long dropped() {
    return dropped;
  }

  /** Readings lost to damage, ever. */
  long damaged() {
    return damaged;
  }

  /** Readings dropped since this was asked last. */
  long takeNewDrops() {
    long news = dropped - droppedTold;
    droppedTold = dropped;
    return news;
  }

  /** Readings found damaged since this was asked last. */
  long takeNewDamage() {
    long news = damaged - damagedTold;
    damagedTold = damaged;
    return news;
  }
}
