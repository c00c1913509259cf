package dev.weir.service.log.memory;

import dev.weir.service.core.budget.Budget;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bytes that the logs of an engine hold together. Beyond its bound those that hold most drop their
 * oldest records, down to one level; each keeps its newest record. Thread-safe; a log calls it
 * under its own lock, except {@link #settle}, which takes the locks of others.
 */
final class MemoryLogBudget {
  /** So much of the bound is made free at once, because finding the level looks at every log. */
  private static final int FREED_FRACTION = 16;

  /** The known room stays valid until so large a part of the bound more or less is held. */
  private static final int VAIN_FRACTION = 64;

  /** Nothing that others can drop. */
  private static final FailedSettle NONE = new FailedSettle(Long.MIN_VALUE / 2, 0);

  /**
   * All logs were looked at, and dropping what they may was not enough.
   *
   * @param at what all held
   * @param bytes of the record that there was no room for; 0 if they hold too much without one
   */
  private record FailedSettle(long at, long bytes) {}

  private final Budget held;
  private final Set<MemoryLog> logs = ConcurrentHashMap.newKeySet();
  private volatile FailedSettle vain = NONE;

  MemoryLogBudget(Budget held) {
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

  /** Returns the most bytes that all logs may hold together. */
  long bytesMax() {
    return held.max();
  }

  /**
   * Returns whether a log may add a record: only where all can come below the bound with it by
   * dropping their older records, or where it replaces as much of its own. Counts a refusal where
   * not.
   */
  boolean hasRoomFor(MemoryLog log, long bytes) {
    boolean room = canHold(log, bytes);
    if (!room) {
      held.refused();
    }
    return room;
  }

  private boolean canHold(MemoryLog log, long bytes) {
    if (!held.lacks(bytes) || bytes <= log.bytes()) {
      return true;
    }
    long used = held.used();
    if (isVain(used, bytes)) {
      return false;
    }
    long kept = bytes;
    for (MemoryLog each : logs) {
      kept += each == log ? 0 : each.newestBytes();
    }
    if (kept <= held.max()) {
      return true;
    }
    vain = new FailedSettle(used, bytes);
    return false;
  }

  private boolean isVain(long used, long bytes) {
    FailedSettle known = vain;
    return bytes >= known.bytes() && Math.abs(used - known.at()) <= held.max() / VAIN_FRACTION;
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
    if (held.lacks(0) && !isVain(held.used(), 0)) {
      trim();
    }
    if (held.lacks(0)) {
      grown.dropTo(0);
    }
  }

  private synchronized void trim() {
    if (!held.lacks(0)) {
      return;
    }
    List<MemoryLog> all = List.copyOf(logs);
    long[] sizes = all.stream().mapToLong(MemoryLog::bytes).toArray();
    long[] newest = all.stream().mapToLong(MemoryLog::newestBytes).toArray();
    long level = level(sizes, newest, held.max() - held.max() / FREED_FRACTION);
    for (MemoryLog log : all) {
      log.dropTo(level);
    }
    if (held.lacks(0)) {
      vain = new FailedSettle(held.used(), 0);
    }
  }

  /**
   * Returns how much each may hold so that all hold no more than a sum; 0 where their newest
   * records alone are more.
   *
   * @param sizes what they hold
   * @param newest of that, what they keep
   */
  private static long level(long[] sizes, long[] newest, long sum) {
    long level = 0;
    long above = sum; // the answer lies in between
    while (level < above) {
      long middle = level + (above - level + 1) / 2;
      long kept = 0;
      for (int i = 0; i < sizes.length; i++) {
        kept += Math.max(newest[i], Math.min(sizes[i], middle));
      }
      if (kept <= sum) {
        level = middle;
      } else {
        above = middle - 1;
      }
    }
    return level;
  }
}
