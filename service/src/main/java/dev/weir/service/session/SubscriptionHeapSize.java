package dev.weir.service.session;

import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;

/**
 * Estimates what subscriptions hold of the heap, as {@code session_budget_bytes} counts it.
 * Stateless. The constants are measured: docs/performance.md, P5, has an idle subscription with its
 * call at 4.2 KB.
 */
final class SubscriptionHeapSize {
  private static final long FIXED = 1_400;
  private static final long EACH_PARTITION = 160;
  private static final long EACH_TEXT = 64; // its SelectedSensors is charged apart

  private SubscriptionHeapSize() {}

  /**
   * Returns the bytes that a subscription holds without its view.
   *
   * @param partitions of its topic
   */
  static long of(Subscription asked, int partitions) {
    Selector selector = asked.getSelector();
    long texts =
        selector.getNamesCount() + selector.getGlobsCount() + 2L * selector.getLabelsCount();
    return FIXED
        + (partitions - 1) * EACH_PARTITION
        + texts * EACH_TEXT
        + 2L * asked.getSerializedSize();
  }
}
