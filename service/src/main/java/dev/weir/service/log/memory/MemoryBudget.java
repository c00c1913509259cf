package dev.weir.service.log.memory;

import dev.weir.service.core.budget.Budget;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bytes that the logs of an engine hold together. Beyond its bound those that hold most drop their
 * oldest records, down to one level; each keeps its newest record. Thread-safe; a log calls it
 * under its own lock, except {@link #settle}, which takes the locks of others.
 */
final class MemoryBudget {
  /** So much of the bound is made free at once, because finding the level looks at every log. */
  private static final int FREED_FRACTION = 16;

  /** So much must be added after a look at all logs that did not make enough free. */
  private static final int VAIN_FRACTION = 64;

  private final Budget held;
  private final Set<MemoryLog> logs = ConcurrentHashMap.newKeySet();
  private volatile long vainUpTo; // bytes up to which looking at all logs frees nothing

  MemoryBudget(Budget held) {
    this.held = held;
  }

  void join(MemoryLog log) {
    logs.add(log);
  }

  void leave(MemoryLog log, long itsBytes) {
    if (logs.remove(log)) {
      held.giveBack(itsBytes);
    }
  }

  /** What all may hold together. */
  long bytesMax() {
    return held.max();
  }

  /**
   * Whether a log may add a record: not where all are down to their newest records and hold too
   * much all the same, unless it replaces as much of its own.
   */
  boolean hasRoomFor(MemoryLog log, long bytes) {
    return !held.lacks(bytes) || held.used() > vainUpTo || bytes <= log.bytes();
  }

  void add(long bytes) {
    held.take(bytes);
  }

  /**
   * Brings all of them together below the bound. Where there are so many logs that the newest
   * record of each is too much already, each that grows drops its own older records instead.
   *
   * @param grown who has added to them
   */
  void settle(MemoryLog grown) {
    if (!held.lacks(0)) {
      return;
    }
    if (held.used() <= vainUpTo) {
      grown.dropTo(0);
    } else {
      trim();
    }
  }

  private synchronized void trim() {
    if (!held.lacks(0)) {
      return;
    }
    long[] sizes = logs.stream().mapToLong(MemoryLog::bytes).sorted().toArray();
    long level = level(sizes, held.max() - held.max() / FREED_FRACTION);
    for (MemoryLog log : logs) {
      log.dropTo(level);
    }
    vainUpTo = held.lacks(0) ? held.used() + held.max() / VAIN_FRACTION : 0;
  }

  /**
   * What each may hold so that all hold no more than a sum.
   *
   * @param sizes what they hold, the smallest first
   */
  static long level(long[] sizes, long sum) {
    long left = sum;
    for (int i = 0; i < sizes.length; i++) {
      long share = left / (sizes.length - i);
      if (sizes[i] > share) {
        return share;
      }
      left -= sizes[i];
    }
    return Long.MAX_VALUE;
  }
}
