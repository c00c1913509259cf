package dev.weir.client.internal.batch;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The bytes that one publisher may buffer. Thread-safe. */
public final class PublishBufferBudget {
  /**
   * Waiting callers are woken in crowds, when this part of the whole is free: fewer thread
   * switches.
   */
  private static final int WAKE_PART = 8;

  private final long bytesMax;
  private final long wakeBelow;
  private final AtomicLong used = new AtomicLong();
  private final AtomicInteger waiting = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private volatile boolean ended;

  /** An empty budget. */
  public PublishBufferBudget(long bytesMax, int largestRequest) {
    this.bytesMax = bytesMax;
    this.wakeBelow = bytesMax - Math.max(largestRequest, bytesMax / WAKE_PART);
  }

  /** Takes bytes if they are free. */
  public boolean tryReserve(int bytes) {
    while (true) {
      long now = used.get();
      if (now + bytes > bytesMax) {
        return false;
      }
      if (used.compareAndSet(now, now + bytes)) {
        return true;
      }
    }
  }

  /** Gives bytes back. */
  public void release(int bytes) {
    long now = used.addAndGet(-bytes);
    if (waiting.get() > 0 && now <= wakeBelow) {
      wakeAll();
    }
  }

  /** Nobody waits from now on: the publisher has ended. */
  public void end() {
    ended = true;
    wakeAll();
  }

  private void wakeAll() {
    lock.lock();
    try {
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until a crowd is woken, or the time is over; the caller then tries again.
   *
   * @return the time left, not above zero when it is over
   */
  public long awaitRoom(long timeoutNanos) throws InterruptedException {
    long left = timeoutNanos;
    lock.lock();
    try {
      waiting.incrementAndGet();
      // Looked at after `waiting` was raised, so that a release in between is not missed.
      while (!ended && used.get() > wakeBelow && left > 0) {
        left = room.awaitNanos(left);
      }
    } finally {
      waiting.decrementAndGet();
      lock.unlock();
    }
    return left;
  }

  /** Bytes in use. */
  public long used() {
    return used.get();
  }

  /** The bound and what is used of it, as a part of a sentence. */
  public String text() {
    return used.get() + " of " + bytesMax + " bytes (bufferedBytesMax) are in use";
  }
}
