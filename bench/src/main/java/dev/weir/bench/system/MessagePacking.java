package dev.weir.bench.system;

/** Gathers readings into messages by hand. Owned by the publishing thread. */
interface MessagePacking {
  /** Takes a reading; true where a message is full and must be taken. */
  boolean add(int sensor, long timeNanos, double value);

  /** Returns whether nothing is gathered. */
  boolean isEmpty();

  /** Returns the gathered readings as a message and begins the next one. */
  byte[] take();
}
