package dev.weir.client;

import java.util.concurrent.CompletableFuture;

/**
 * One sensor of a {@link Publisher}; the fast way to publish. Thread-safe; get it once and keep it.
 *
 * <p>Every {@code publish} returns the future of this sensor's readings in the batch that the
 * reading went into: one object per sensor and batch, completed with a {@link BatchAck} when the
 * batch is stored, or exceptionally with a {@link WeirException} when none of these readings is. So
 * a sensor that the server refuses, be it after a reconnect, fails alone. Continuations run on the
 * client's callback thread and must not block it. Readings of one sensor are stored in the order in
 * which they were published.
 *
 * <p>A caller that is faster than the server's window waits or gets an exception, as {@link
 * PublisherOptions#onFull()} decides. {@code publish} throws {@link WeirException} with {@link
 * WeirException#CLOSED} on a closed publisher, with {@link WeirException#KIND_MISMATCH} where the
 * type is not the sensor's kind, with the server's reason where the server refused the sensor or
 * the publisher failed, and with {@link WeirException#BLOCK_TIMEOUT} or {@link
 * WeirException#BACK_PRESSURED} where there is no room; the reading is then not taken. An
 * interrupted caller gets {@link WeirException#BLOCK_TIMEOUT} with its interrupt flag set.
 */
public interface SensorHandle {
  /** Returns the definition of the sensor. */
  SensorOptions options();

  /** Publishes a reading of a DOUBLE sensor; time in nanoseconds since the Unix epoch. */
  CompletableFuture<BatchAck> publish(long timeNanos, double value);

  /** Publishes a reading of an INTEGER sensor; time in nanoseconds since the Unix epoch. */
  CompletableFuture<BatchAck> publishInteger(long timeNanos, long value);

  /** Publishes a reading of a BOOLEAN sensor; time in nanoseconds since the Unix epoch. */
  CompletableFuture<BatchAck> publishBoolean(long timeNanos, boolean value);

  /** Publishes a reading of a TEXT sensor; time in nanoseconds since the Unix epoch. */
  CompletableFuture<BatchAck> publishText(long timeNanos, String value);

  /** Publishes a reading of a BLOB sensor; the bytes are copied. */
  CompletableFuture<BatchAck> publishBlob(long timeNanos, byte[] value);

  /** Offers a reading of a DOUBLE sensor; never waits and never throws for want of room. */
  Offer tryPublish(long timeNanos, double value);
}
