package dev.weir.bench.system;

/** Gathers readings into messages by hand. Owned by the publishing thread. */
interface MessagePacking {
  /** Takes a reading; true where a message is full and must be taken. */
  boolean add(int sensor, long timeNanos, double value);

  /** Whether nothing is gathered. */
  boolean isEmpty();

  /** What is gathered, as a message. */
  byte[] take();
}
