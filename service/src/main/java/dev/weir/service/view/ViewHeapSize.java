package dev.weir.service.view;

import dev.weir.service.core.mode.Mode;
import dev.weir.service.topic.ServedTopic;

/**
 * Estimates what a view holds of the heap besides the records it encoded, as {@code
 * session_budget_bytes} counts it. Stateless.
 */
final class ViewHeapSize {
  private static final long FIXED = 1_000;
  private static final long EACH_PARTITION = 900;
  private static final long EACH_SLOT = 4; // a reference
  private static final long EACH_SENSOR = 80; // ModeState at most 25, the rest LastValues

  private ViewHeapSize() {}

  /**
   * Returns the bytes that a view holds.
   *
   * @param recordsMax records that each of its partitions keeps
   */
  static long of(ServedTopic topic, ViewTerms terms, int recordsMax) {
    long sensors =
        terms.mode() instanceof Mode.Every ? 0 : terms.sensors().selected() * EACH_SENSOR;
    long partition = EACH_PARTITION + Integer.highestOneBit(recordsMax) * EACH_SLOT;
    return FIXED + 2L * terms.selector().length() + topic.partitions().size() * partition + sensors;
  }
}
