package dev.weir.client.internal.batch;

import dev.weir.client.BatchAck;
import dev.weir.client.WeirException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/**
 * The futures of one batch: one for each sensor in it, which users share, so that a sensor that is
 * refused takes no others with it; and one of our own that they cannot complete (with {@code
 * orTimeout} or {@code cancel}), so that flush waits for the server only.
 *
 * <p>Owned like its batch until that is encoded; from then on the futures are read by any thread
 * and completed by the callback thread.
 */
public final class BatchFutures {
  private static final int SHARES_MIN = 4;

  private final CompletableFuture<Void> settled = new CompletableFuture<>();

  private SensorFuture[] shares = new SensorFuture[SHARES_MIN];
  private int count;
  private WeirException refused;

  /**
   * The future of one sensor's readings in one batch. Thread-safe like any future; user code may
   * complete it, nothing here depends on that.
   */
  static final class SensorFuture extends CompletableFuture<BatchAck> {
    private final int slot;

    SensorFuture(int slot) {
      this.slot = slot;
    }
  }

  /**
   * The number of a new future, of a sensor that has none here yet. Sensors remember numbers: old
   * objects that pointed to new futures would have the collector look at each of them.
   */
  int add(int slot) {
    if (count == shares.length) {
      shares = Arrays.copyOf(shares, 2 * count);
    }
    shares[count] = new SensorFuture(slot);
    return count++;
  }

  /** The future of that number. */
  SensorFuture share(int number) {
    return shares[number];
  }

  /** Completes after the users' futures, when the batch is stored or failed. */
  public CompletableFuture<Void> settled() {
    return settled;
  }

  /** The batch is stored, but for the sensors that were refused. */
  public void keep(BatchAck stored) {
    for (int i = 0; i < count; i++) {
      shares[i].complete(stored);
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
    for (int i = 0; i < count; i++) {
      if (shares[i].slot == slot) {
        shares[i].completeExceptionally(cause);
      }
    }
  }

  /** Nothing of the batch is stored. */
  public void fail(WeirException cause) {
    for (int i = 0; i < count; i++) {
      shares[i].completeExceptionally(cause);
    }
    settled.completeExceptionally(cause);
  }
}
