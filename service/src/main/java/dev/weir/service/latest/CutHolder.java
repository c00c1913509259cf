package dev.weir.service.latest;

import dev.weir.service.core.budget.RevocableBudget;
import java.util.ArrayList;
import java.util.List;

/**
 * One purpose of a peer for which cuts are held, such as a snapshot: all of them are closed with
 * it, also those that are made later. What they alone keep in memory is charged to it, and where
 * there is no room for that, they are revoked. Thread-safe.
 */
public final class CutHolder implements AutoCloseable {
  private final RevocableBudget.Holding holding;
  private final Runnable revoked;
  private final List<HeldCut> cuts = new ArrayList<>(1); // guarded by this, as closed
  private boolean closed;
  private volatile boolean isRevoked;

  /**
   * Holds nothing yet.
   *
   * @param peer whose it is; compared by equals
   * @param revoked is called once where the cuts are revoked, on any thread, when they are gone; it
   *     must not block
   */
  public CutHolder(RevocableBudget budget, Object peer, Runnable revoked) {
    this.holding = budget.add(peer, this::revoke);
    this.revoked = revoked;
  }

  /** Returns the bytes that it is charged. */
  RevocableBudget.Holding holding() {
    return holding;
  }

  /** Takes one more cut, which is closed at once where the holder is. */
  void add(HeldCut cut) {
    synchronized (this) {
      if (!closed) {
        cuts.add(cut);
        return;
      }
    }
    cut.close();
  }

  /** Returns whether its cuts were taken from it, for want of memory. */
  public boolean isRevoked() {
    return isRevoked;
  }

  private void revoke() {
    isRevoked = true;
    close();
    revoked.run();
  }

  /** Closes all its cuts, and those to come. Harmless when repeated. */
  @Override
  public void close() {
    List<HeldCut> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(cuts);
      cuts.clear();
    }
    left.forEach(HeldCut::close);
  }
}
