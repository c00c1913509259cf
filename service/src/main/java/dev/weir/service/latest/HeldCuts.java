package dev.weir.service.latest;

import dev.weir.service.core.budget.RevocableBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The open cuts of one {@link LastValuesFold}, and what they alone keep in memory: their own
 * objects, and the chunks and TEXTs that the fold has replaced since they were made. Each of these
 * is charged once, to the oldest cut that keeps it. Those that keep one are always neighbours in
 * the order in which they were made, because it was among the values from one moment to another: so
 * a cut that is closed leaves to the next one what that keeps too, as snapshots of a file system do
 * (Bonwick et al., The Zettabyte File System, 2003). The fold's owner makes cuts and replaces; any
 * thread closes. Thread-safe.
 */
final class HeldCuts {
  /** Objects of one cut and of its holder, estimated; rather too many than too few. */
  static final long CUT_BYTES = 384;

  /** Bytes that a replaced chunk or TEXT is charged besides its own bytes. */
  static final long KEPT_BYTES = 96;

  private final List<HeldCut> open = new ArrayList<>(0); // by number; guarded by this
  private long made; // guarded by this
  private volatile boolean any; // written under the lock

  /** Makes one more cut, and charges what it takes at once. */
  HeldCut hold(LastValuesCut values, CutHolder holder) {
    HeldCut cut;
    synchronized (this) {
      made++;
      cut = new HeldCut(this, holder, made, values);
      HeldCut before = open.isEmpty() ? null : open.get(open.size() - 1);
      long arrays = 0;
      if (before == null || !values.sharesArraysWith(before.cut())) {
        cut.keepArrays();
        arrays = values.arrayBytes();
      }
      open.add(cut);
      any = true;
      holder.holding().grew(CUT_BYTES + arrays);
    }
    holder.add(cut);
    holder.holding().settle();
    return cut;
  }

  /** The values of the cut that was made last, while it is open; else null. */
  LastValuesCut last() {
    if (!any) {
      return null;
    }
    synchronized (this) {
      HeldCut last = open.isEmpty() ? null : open.get(open.size() - 1);
      return last == null || last.number() != made ? null : last.cut();
    }
  }

  /** The fold has let a chunk go that cuts may have. */
  void replaced(int number, LastValuesChunk chunk) {
    if (any) {
      keep(cut -> cut.hasChunk(number, chunk), chunk.heapBytes() + KEPT_BYTES);
    }
  }

  /** The fold has let a TEXT or BLOB go that cuts may have. */
  void replaced(int ordinal, byte[] text) {
    if (any) {
      keep(
          cut -> cut.hasText(ordinal, text),
          text.length + LastValuesFold.VALUE_OVERHEAD_BYTES + KEPT_BYTES);
    }
  }

  /** Charges what the fold has let go to the oldest cut that keeps it, if any does. */
  private void keep(Predicate<LastValuesCut> keeps, long bytes) {
    RevocableBudget.Holding charged;
    synchronized (this) {
      int newest = open.size() - 1;
      if (newest < 0 || !keeps.test(open.get(newest).cut())) {
        return;
      }
      int oldest = 0;
      for (int most = newest; oldest < most; ) {
        int middle = (oldest + most) >>> 1;
        if (keeps.test(open.get(middle).cut())) {
          most = middle;
        } else {
          oldest = middle + 1;
        }
      }
      HeldCut keeper = open.get(oldest);
      keeper.keep(open.get(newest).number(), bytes);
      charged = keeper.holder().holding();
      charged.grew(bytes);
    }
    charged.settle();
  }

  synchronized void close(HeldCut cut) {
    int at = indexOf(cut);
    if (at < 0) {
      return;
    }
    open.remove(at);
    any = !open.isEmpty();
    HeldCut next = at < open.size() ? open.get(at) : null;
    HeldCut.Left left = cut.leave(next);
    RevocableBudget.Holding charged = cut.holder().holding();
    if (next != null) {
      charged.moveTo(next.holder().holding(), left.moved());
    }
    charged.shrank(left.freed() + CUT_BYTES);
  }

  /** Returns the index of a cut among those that are open; negative where it is closed. */
  private int indexOf(HeldCut cut) {
    int from = 0;
    int to = open.size() - 1;
    while (from <= to) {
      int middle = (from + to) >>> 1;
      long number = open.get(middle).number();
      if (number == cut.number()) {
        return middle;
      }
      if (number < cut.number()) {
        from = middle + 1;
      } else {
        to = middle - 1;
      }
    }
    return -1;
  }
}
