package dev.weir.service.latest;

import java.util.concurrent.atomic.AtomicLong;

/** One byte budget for the TEXT and BLOB values that are kept as last values. Thread-safe. */
public final class LatestBudget {
  /** What is charged for a value besides its bytes. */
  static final int VALUE_OVERHEAD_BYTES = 24;

  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param bytesMax most bytes of all kept values together
   */
  public LatestBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Bytes held now. */
  public long bytes() {
    return bytes.get();
  }

  /** Takes room for a value; false, and nothing is taken, where there is none. */
  boolean take(int valueBytes) {
    long more = (long) valueBytes + VALUE_OVERHEAD_BYTES;
    if (bytes.addAndGet(more) <= bytesMax) {
      return true;
    }
    bytes.addAndGet(-more);
    return false;
  }

  /** Gives a value's room back. */
  void give(int valueBytes) {
    bytes.addAndGet(-(long) valueBytes - VALUE_OVERHEAD_BYTES);
  }
}
