package dev.weir.faultinjection;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process at the n-th time that the armed point is reached, as SIGKILL would: no shutdown
 * hook runs, nothing is flushed, and the thread that got there does no more. Thread-safe.
 */
final class KillSwitch {
  private static final Logger logger = LoggerFactory.getLogger(KillSwitch.class);

  private record Armed(KillPoint point, AtomicInteger left) {}

  private final IntConsumer halt;
  private volatile Armed armed;

  /**
   * A switch that is not armed.
   *
   * @param halt ends the process with an exit code; returns only in tests
   */
  KillSwitch(IntConsumer halt) {
    this.halt = halt;
  }

  /** Arms the switch, instead of what it was armed with. */
  void arm(KillPoint point, int nth) {
    armed = new Armed(point, new AtomicInteger(nth));
  }

  /**
   * Returns whether a point is reached for the n-th time now. Whoever is told has to {@link #die}.
   */
  boolean strikesAt(KillPoint point) {
    Armed now = armed;
    return now != null && now.point == point && now.left.decrementAndGet() == 0;
  }

  /** A point is reached. */
  void reached(KillPoint point, Object where) {
    if (strikesAt(point)) {
      die(point, where);
    }
  }

  void die(KillPoint point, Object where) {
    logger.error("dies at {}: {}", point.word(), where);
    halt.accept(InjectedFaults.KILLED_EXIT_CODE);
  }
}
