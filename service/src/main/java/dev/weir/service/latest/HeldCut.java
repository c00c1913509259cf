package dev.weir.service.latest;

import java.util.TreeMap;

/**
 * A cut that somebody holds until it is closed. Who reads it asks for it anew for each piece of
 * work, and keeps it no longer than that. Thread-safe.
 */
public final class HeldCut implements AutoCloseable {
  private final HeldCuts among; // null where nobody is charged
  private final CutHolder holder;
  private final long number;
  private volatile LastValuesCut cut; // null once it is closed

  // Guarded by those among which it is.

  /** Bytes that this one and no older one keeps, by the number of the newest that keeps them. */
  private final TreeMap<Long, Long> kept = new TreeMap<>();

  /** True if it is the oldest of those made at the same moment, which share their arrays. */
  private boolean keepsArrays;

  HeldCut(HeldCuts among, CutHolder holder, long number, LastValuesCut cut) {
    this.among = among;
    this.holder = holder;
    this.number = number;
    this.cut = cut;
  }

  /** One for the server's own work, of which one is made at a time: nobody is charged for it. */
  public static HeldCut uncharged(LastValuesCut cut) {
    return new HeldCut(null, null, 0, cut);
  }

  /** The values; null once it is closed, or revoked. */
  public LastValuesCut cut() {
    return cut;
  }

  /** Lets the values go. Any thread; harmless when repeated. */
  @Override
  public void close() {
    if (among != null) {
      among.close(this);
    } else {
      cut = null;
    }
  }

  // ---- for those among which it is

  CutHolder holder() {
    return holder;
  }

  long number() {
    return number;
  }

  boolean keepsArrays() {
    return keepsArrays;
  }

  void keepArrays() {
    keepsArrays = true;
  }

  /** It keeps more bytes, and so do the newer ones up to one. */
  void keep(long newest, long bytes) {
    kept.merge(newest, bytes, Long::sum);
  }

  /**
   * Lets everything go that it keeps, and leaves a newer one what that keeps too.
   *
   * @param next the one behind it; null for none
   * @return bytes that nobody keeps any more, and bytes that the other one keeps now
   */
  Left leave(HeldCut next) {
    long freed = 0;
    long moved = 0;
    for (var entry : kept.entrySet()) {
      if (next != null && next.number <= entry.getKey()) {
        next.keep(entry.getKey(), entry.getValue());
        moved += entry.getValue();
      } else {
        freed += entry.getValue();
      }
    }
    kept.clear();
    long arrays = keepsArrays ? cut.arrayBytes() : 0;
    if (next != null && keepsArrays && cut.sharesArraysWith(next.cut)) {
      next.keepsArrays = true;
      moved += arrays;
    } else {
      freed += arrays;
    }
    cut = null;
    return new Left(freed, moved);
  }

  /** Decides whether the bytes that a cut kept are given back or pass to another cut. */
  record Left(long freed, long moved) {}
}
