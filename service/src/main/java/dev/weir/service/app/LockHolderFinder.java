package dev.weir.service.app;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/** Finds out for whom a thread waits, by the locks that others hold. Thread-safe. */
final class LockHolderFinder implements Predicate<ServiceThread> {
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final LongFunction<ServiceThread> ours;

  /**
   * @param ours gives the service's thread of an id; null for one that is not the service's
   */
  LockHolderFinder(LongFunction<ServiceThread> ours) {
    this.ours = ours;
  }

  /**
   * Returns whether a thread waits for a lock whose holder is in a file call, or waits for
   * something else in its turn, such as the end of a sync. False for threads that wait for each
   * other.
   */
  @Override
  public boolean test(ServiceThread thread) {
    Set<Long> seen = new HashSet<>();
    long at = thread.getId();
    while (seen.add(at)) {
      ThreadInfo info = threads.getThreadInfo(at);
      if (info == null) {
        return false;
      }
      long holder = info.getLockOwnerId();
      if (holder < 0) {
        return at != thread.getId() && waits(info.getThreadState());
      }
      ServiceThread next = ours.apply(holder);
      if (next == null || next.inFile()) {
        return true; // what starts or ends the server takes its own time
      }
      at = holder;
    }
    return false;
  }

  private static boolean waits(Thread.State state) {
    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
  }
}
