package dev.weir.client.internal.batch;

import dev.weir.client.BatchAck;
import dev.weir.client.WeirException;
import java.util.concurrent.CompletableFuture;

/**
 * What is owed for one batch: a future for each sensor in it, which users share, so that a sensor
 * that is refused takes no others with it; and one of our own that they cannot complete (with
 * {@code orTimeout} or {@code cancel}), so that flush waits for the server only.
 *
 * <p>Owned like its batch until that is encoded; from then on the futures are read by any thread
 * and completed by the callback thread.
 */
public final class Promise {
  private final CompletableFuture<Void> settled = new CompletableFuture<>();

  private Share newest;
  private WeirException refused;

  /**
   * The future of one sensor's readings in one batch. Thread-safe like any future; user code may
   * complete it, nothing here depends on that.
   */
  static final class Share extends CompletableFuture<BatchAck> {
    private final int slot;

    /** Cut when the batch is settled, so that a sensor that keeps its future keeps no others. */
    private Share before;

    Share(int slot, Share before) {
      this.slot = slot;
      this.before = before;
    }
  }

  /** A sensor's future; to be asked for once per sensor. */
  Share share(int slot) {
    newest = new Share(slot, newest);
    return newest;
  }

  /** Completes behind the users' futures, when the batch is stored or failed. */
  public CompletableFuture<Void> settled() {
    return settled;
  }

  /** The batch is stored, but for the sensors that were refused. */
  public void keep(BatchAck stored) {
    Share share = newest;
    newest = null;
    while (share != null) {
      share.complete(stored);
      share = cut(share);
    }
    if (refused == null) {
      settled.complete(null);
    } else {
      settled.completeExceptionally(refused);
    }
  }

  /** Nothing of one sensor is stored; the others are not settled by this. */
  public void refuse(int slot, WeirException cause) {
    refused = cause;
    for (Share share = newest; share != null; share = share.before) {
      if (share.slot == slot) {
        share.completeExceptionally(cause);
      }
    }
  }

  /** Nothing of the batch is stored. */
  public void fail(WeirException cause) {
    Share share = newest;
    newest = null;
    while (share != null) {
      share.completeExceptionally(cause);
      share = cut(share);
    }
    settled.completeExceptionally(cause);
  }

  private static Share cut(Share share) {
    Share before = share.before;
    share.before = null;
    return before;
  }
}
