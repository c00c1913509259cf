package dev.weir.service.core.budget;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A budget of what peers hold and can lose at any time. Nobody is refused: where it is overdrawn,
 * the peer that holds most loses what is the most of it, and of equals the oldest, until the rest
 * fits. Thread-safe; holdings are revoked without the lock under which they are counted.
 */
public final class RevocableBudget {
  private final Budget budget;
  private final Map<Object, PeerHoldings> peers = new HashMap<>(); // guarded by this
  private final Object settling = new Object(); // so that two do not revoke for the same bytes
  private long holdings; // guarded by this

  /** All that one peer holds, of which there is something. Guarded by the budget. */
  private static final class PeerHoldings {
    private final Set<Holding> members = new HashSet<>();
    private long bytes;
  }

  /** Makes a budget of which nobody holds anything yet. */
  public RevocableBudget(Budget budget) {
    this.budget = budget;
  }

  /** Returns the budget that the holdings are charged to. */
  public Budget budget() {
    return budget;
  }

  /**
   * A holding that holds nothing yet.
   *
   * @param peer whose it is; compared by equals
   * @param revoke gives everything back that the holding holds, before it returns; called at most
   *     once, by any thread that settles
   */
  public synchronized Holding add(Object peer, Runnable revoke) {
    return new Holding(peer, revoke, holdings++);
  }

  /**
   * Makes room where the budget is overdrawn. To be called without a lock, after somebody grew, and
   * now and then, because the budget may become less.
   */
  public void settle() {
    if (!budget.lacks(0)) {
      return;
    }
    synchronized (settling) {
      for (Holding next = victim(); next != null; next = victim()) {
        budget.refused();
        next.revoke.run();
      }
    }
  }

  /** Takes away the holding that is revoked next; null where all fits. Looks at every peer. */
  private synchronized Holding victim() {
    if (!budget.lacks(0)) {
      return null;
    }
    Holding victim = null;
    long most = 0;
    for (PeerHoldings peer : peers.values()) {
      if (peer.bytes >= most) {
        Holding greatest = greatest(peer);
        if (peer.bytes > most || greatest.number < victim.number) {
          victim = greatest;
        }
        most = peer.bytes;
      }
    }
    if (victim != null) {
      leave(victim);
      victim.revoked = true;
    }
    return victim;
  }

  private static Holding greatest(PeerHoldings peer) {
    Holding greatest = null;
    for (Holding one : peer.members) {
      if (greatest == null
          || one.bytes > greatest.bytes
          || one.bytes == greatest.bytes && one.number < greatest.number) {
        greatest = one;
      }
    }
    return greatest;
  }

  /** Takes a holding from those of its peer. Guarded by this. */
  private void leave(Holding holding) {
    PeerHoldings of = peers.get(holding.peer);
    if (of != null && of.members.remove(holding)) {
      of.bytes -= holding.bytes;
      if (of.members.isEmpty()) {
        peers.remove(holding.peer);
      }
    }
  }

  /** Changes what a holding holds, and what its peer holds. Guarded by this. */
  private void count(Holding holding, long more) {
    leave(holding);
    holding.bytes += more;
    if (holding.bytes > 0 && !holding.revoked) {
      PeerHoldings of = peers.computeIfAbsent(holding.peer, peer -> new PeerHoldings());
      of.members.add(holding);
      of.bytes += holding.bytes;
    }
  }

  /** The bytes that one peer holds for one purpose. Thread-safe. */
  public final class Holding {
    private final Object peer;
    private final Runnable revoke;
    private final long number;
    private long bytes; // guarded by the budget, as the next
    private boolean revoked;

    private Holding(Object peer, Runnable revoke, long number) {
      this.peer = peer;
      this.revoke = revoke;
      this.number = number;
    }

    /** It holds so much more. The budget may be overdrawn by it until it is settled. */
    public void grew(long more) {
      budget.take(more);
      synchronized (RevocableBudget.this) {
        count(this, more);
      }
    }

    /** It holds so much less. */
    public void shrank(long less) {
      synchronized (RevocableBudget.this) {
        count(this, -less);
      }
      budget.giveBack(less);
    }

    /** Another one of the same budget holds some of it from now on, and this one does not. */
    public void moveTo(Holding other, long moved) {
      synchronized (RevocableBudget.this) {
        count(this, -moved);
        count(other, moved);
      }
    }

    /** Makes room where the budget is overdrawn; see {@link RevocableBudget#settle}. */
    public void settle() {
      RevocableBudget.this.settle();
    }

    /** Bytes that it holds. */
    public long bytes() {
      synchronized (RevocableBudget.this) {
        return bytes;
      }
    }
  }
}
