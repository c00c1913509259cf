package dev.weir.client;

import dev.weir.v1.Reading;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Publishes readings to one topic. Thread-safe.
 *
 * <p>Readings are gathered per partition: sent when the batch is full; at once after a pause, and
 * every 500 µs in a busy stream, while few batches of the partition are unacknowledged; otherwise
 * when the oldest reading has waited for the linger time. After a broken connection the publisher
 * reconnects by itself and replays what was not acknowledged, in order; the server stores every
 * batch once. Everything is bounded, see docs/limits-client.md.
 *
 * <p>With a spool ({@link PublisherOptions#spool()}) readings go to this machine's disk first, the
 * futures of {@code publish} complete when they are there, and {@link #flush} and {@link #drain}
 * wait for the server. What is not stored when the publisher ends is sent by the next one on the
 * same directory.
 *
 * <p>It ends for good when it is closed, when a newer publisher took over its producer id ({@code
 * PRODUCER_FENCED}, {@code REPLACED}), or when the server refuses it (such as {@code
 * TOPIC_NOT_FOUND}): then every pending future fails and every further call fails with the same
 * reason.
 */
public interface Publisher extends AutoCloseable {
  /** Returns the handle of a DOUBLE sensor; the same object for the same name. */
  SensorHandle sensor(String name);

  /**
   * Returns the handle of a sensor.
   *
   * @throws WeirException KIND_MISMATCH when this publisher has the name with another kind;
   *     LIMIT_REACHED when it has {@link PublisherOptions#sensorsMax()} sensors
   */
  SensorHandle sensor(SensorOptions options);

  /**
   * Publishes one reading in the row form; convenient, and slower than a {@link SensorHandle}. An
   * absent time is this machine's present time.
   */
  CompletableFuture<BatchAck> publish(Reading reading);

  /**
   * Sends what has been gathered without further waiting. The future completes when everything
   * published before is settled: exceptionally where some of it was not stored. A batch that was
   * rejected earlier counts no more; its own future and {@link PublisherListener#onRejected} report
   * it.
   */
  CompletableFuture<Void> flush();

  /**
   * Takes no more readings, waits until everything is stored, and closes. Blocks; must not be
   * called from a listener or a continuation of an ack, which it waits for.
   *
   * @return whether everything that was not settled before was stored in time
   */
  boolean drain(Duration timeout);

  /**
   * Records the application's position after everything that this thread published: it is kept with
   * the readings, and {@link #spool()} returns it to the next process. Cheap.
   *
   * @param position anything, at most 4,096 bytes
   * @throws IllegalStateException on a publisher without a spool
   */
  void position(String position);

  /** Returns the state of the spool; empty on a publisher without one. */
  Optional<SpoolStatus> spool();

  /** Returns the number of readings that were acknowledged so far. */
  long readingsAcknowledged();

  /**
   * Drains for at most the client's close timeout, then closes. Futures still open fail with {@link
   * WeirException#CLOSED}. Idempotent. Blocks as {@link #drain} does.
   */
  @Override
  void close();
}
