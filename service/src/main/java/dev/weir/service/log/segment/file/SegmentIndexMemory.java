package dev.weir.service.log.segment.file;

import dev.weir.service.core.budget.Budget;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for the indexes of segments that are appended to: a part of a budget that others use too.
 * Thread-safe.
 */
public final class SegmentIndexMemory {
  private static final int BUDGET_PART = 8;

  private final Budget budget;
  private final AtomicLong held = new AtomicLong();

  /** Holds nothing yet. */
  public SegmentIndexMemory(Budget budget) {
    this.budget = budget;
  }

  /** Holds more where there is room; nothing more otherwise. */
  boolean tryTake(long bytes) {
    if (held.addAndGet(bytes) <= budget.max() / BUDGET_PART && !budget.lacks(bytes)) {
      budget.take(bytes);
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  /** Holds so much less. */
  void giveBack(long bytes) {
    held.addAndGet(-bytes);
    budget.giveBack(bytes);
  }
}
