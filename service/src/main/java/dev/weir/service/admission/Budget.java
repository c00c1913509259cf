package dev.weir.service.admission;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of memory that many hold together. Nobody is promised a part of it: each may hold as much
 * as is free, so that those who hold much are cut short first, and who holds little finds room.
 * (Dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on Networking, 1998.)
 * Thread-safe.
 */
public final class Budget {
  private final long bytesMax;
  private final AtomicLong used = new AtomicLong();

  /** Nothing is used yet. */
  public Budget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Bytes are held, more than there are if it must be. */
  public void take(long bytes) {
    used.addAndGet(bytes);
  }

  /** Bytes are held no more. */
  public void giveBack(long bytes) {
    used.addAndGet(-bytes);
  }

  /** Bytes that are held. */
  public long used() {
    return used.get();
  }

  /** Whether so many more are not to be had. */
  public boolean lacks(long bytes) {
    return used.get() + bytes > bytesMax;
  }

  /** Whether nine tenths are used: nobody new is let in. */
  public boolean isNearlyUsed() {
    return used.get() > bytesMax / 10 * 9;
  }

  /**
   * What one of its holders may hold now.
   *
   * @param least what each may hold, whatever the others do
   * @param most what one may hold, however much is free
   */
  public long share(long least, long most) {
    return Math.max(least, Math.min(most, bytesMax - used.get()));
  }
}
