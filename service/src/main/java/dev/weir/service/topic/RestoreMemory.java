package dev.weir.service.topic;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds the memory of partitions that are opened side by side: the checkpoints that they read have
 * so many bytes together at most, or are one that is larger. Thread-safe.
 */
final class RestoreMemory {
  private final long bytesMax;
  private final Lock lock = new ReentrantLock();
  private final Condition less = lock.newCondition();
  private long bytes; // guarded by lock

  /**
   * Nothing is being read.
   *
   * @param bytesMax of checkpoints that are read at the same time
   */
  RestoreMemory(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /**
   * Waits until there is room, which every enter gives back by {@link #leave} with the same number.
   */
  void enter(long more) {
    lock.lock();
    try {
      while (bytes > 0 && bytes + more > bytesMax) {
        less.awaitUninterruptibly();
      }
      bytes += more;
    } finally {
      lock.unlock();
    }
  }

  /** Gives room back. */
  void leave(long less) {
    lock.lock();
    try {
      bytes -= less;
      this.less.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
