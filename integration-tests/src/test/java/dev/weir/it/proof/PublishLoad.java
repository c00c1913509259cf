package dev.weir.it.proof;

/** A load that publishes until it is stopped. Thread-safe. */
interface PublishLoad extends AutoCloseable {
  /** Batches that were sent and are not acknowledged, at least. */
  int unacknowledged();

  /** Batches that were acknowledged so far. */
  long acknowledgedBatches();

  /** Publishes nothing new, and waits until all that was sent is acknowledged. */
  void finish() throws InterruptedException;

  /** Ends at once. */
  @Override
  void close();
}
