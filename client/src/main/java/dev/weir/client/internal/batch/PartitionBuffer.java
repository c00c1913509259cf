package dev.weir.client.internal.batch;

import dev.weir.client.WeirException;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.metrics.ClientMetrics;
import dev.weir.v1.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The buffer in which callers leave the readings of one partition and from which the loop takes
 * them. Thread-safe: its own lock guards everything, and no user code runs under it.
 */
public final class PartitionBuffer {
  private final PublishBufferBudget budget;
  private final LongSupplier clock;
  private final Runnable wake;

  private final ArrayDeque<ReadingBatch> full = new ArrayDeque<>();
  private int readingsMax;
  private int bytesMax;
  private ReadingBatch open;
  private ColumnBuffer openDoubles;
  private long openNumber;
  private int reservedBytes;
  private int capacity;
  private String loneMark;
  private boolean news;
  private WeirException ended;
  private WeirException stopped;
  private volatile boolean empty = true;

  /**
   * An empty gather.
   *
   * @param wake makes the loop look here, about once per batch; must not wait for anything
   */
  public PartitionBuffer(
      BatchBounds bounds, PublishBufferBudget budget, LongSupplier clock, Runnable wake) {
    this.readingsMax = bounds.readingsMax();
    this.bytesMax = bounds.bytesMax();
    this.budget = budget;
    this.clock = clock;
    this.wake = wake;
  }

  /** Takes a DOUBLE reading and gives its future, or null where there is no room now. */
  BatchFutures.SensorFuture offerDouble(BufferedSensor sensor, long timeNanos, double value) {
    BatchFutures.SensorFuture share = null;
    boolean tell;
    synchronized (this) {
      if (prepare(0)) {
        if (openDoubles == null) {
          openDoubles = open.column(Kind.KIND_DOUBLE_VALUE);
        }
        openDoubles.addDouble(sensor.slot(), timeNanos, value);
        share = added(sensor, 0);
      }
      tell = takeNews();
    }
    if (tell) {
      wake.run();
    }
    return share;
  }

  /**
   * Takes a reading of a kind with a number as value, and gives its future, or null where there is
   * no room now.
   */
  BatchFutures.SensorFuture offerNumber(
      BufferedSensor sensor, int kind, long timeNanos, long value) {
    BatchFutures.SensorFuture share = null;
    boolean tell;
    synchronized (this) {
      if (prepare(0)) {
        ColumnBuffer column = open.column(kind);
        if (kind == Kind.KIND_INTEGER_VALUE) {
          column.addInteger(sensor.slot(), timeNanos, value);
        } else {
          column.addBoolean(sensor.slot(), timeNanos, value != 0);
        }
        share = added(sensor, 0);
      }
      tell = takeNews();
    }
    if (tell) {
      wake.run();
    }
    return share;
  }

  /** Takes a TEXT (UTF-8) or BLOB reading and gives its future, or null where there is no room. */
  BatchFutures.SensorFuture offerBytes(
      BufferedSensor sensor, int kind, long timeNanos, byte[] value) {
    BatchFutures.SensorFuture share = null;
    boolean tell;
    synchronized (this) {
      requireSize(value.length);
      if (prepare(value.length)) {
        open.column(kind).addBytes(sensor.slot(), timeNanos, value);
        share = added(sensor, value.length);
      }
      tell = takeNews();
    }
    if (tell) {
      wake.run();
    }
    return share;
  }

  private void requireSize(int valueBytes) {
    int sizeMax = bytesMax - ReadingBatch.OVERHEAD_BYTES - ReadingBatch.READING_BYTES;
    if (valueBytes > sizeMax) {
      throw ErrorTranslator.tooLarge(
          "The value has "
              + valueBytes
              + " bytes, and the most is "
              + sizeMax
              + " (batchBytesMax, or message_bytes_max of the server). Publish smaller values, or"
              + " raise the limit.");
    }
  }

  /** Batches that begin from now on have these bounds. */
  synchronized void bound(BatchBounds bounds) {
    if (bounds.readingsMax() == readingsMax && bounds.bytesMax() == bytesMax) {
      return;
    }
    readingsMax = bounds.readingsMax();
    bytesMax = bounds.bytesMax();
    if (open != null) {
      seal();
    }
  }

  /** Records the publisher's position after all readings so far. */
  void mark(String position) {
    boolean tell;
    synchronized (this) {
      if (ended != null) {
        throw ended;
      }
      if (open != null) {
        open.mark(position);
      } else {
        loneMark = position;
        empty = false;
        news = true;
      }
      tell = takeNews();
    }
    if (tell) {
      wake.run();
    }
  }

  /** Takes a position after everything that was taken, with no reading after it yet; or null. */
  public synchronized String takeMark() {
    if (!full.isEmpty() || open != null) {
      return null;
    }
    String mark = loneMark;
    loneMark = null;
    empty = true;
    return mark;
  }

  /** Makes sure that there is an open batch with room. */
  private boolean prepare(int payloadBytes) {
    if (ended != null) {
      throw ended;
    }
    if (stopped != null) {
      throw stopped;
    }
    if (open != null && open.weightBytes() + ReadingBatch.READING_BYTES + payloadBytes > bytesMax) {
      seal();
    }
    if (open == null) {
      if (!budget.tryReserve(bytesMax)) {
        return false;
      }
      reservedBytes = bytesMax;
      open = new ReadingBatch(ClientMetrics.traceparent(), clock.getAsLong(), capacity);
      openNumber++;
      if (loneMark != null) {
        open.mark(loneMark);
        loneMark = null;
      }
      empty = false;
      news = true;
    }
    return true;
  }

  /** A sensor's reading is in the open batch; gives the future of its readings there. */
  private BatchFutures.SensorFuture added(BufferedSensor sensor, int payloadBytes) {
    BatchFutures.SensorFuture share = sensor.shareIn(openNumber, open.promise());
    open.added(payloadBytes);
    if (open.readings() >= readingsMax) {
      seal();
    }
    return share;
  }

  private void seal() {
    full.add(detachOpen());
    news = true;
  }

  /**
   * Takes the flag that the loop has to look here: a batch was begun or filled since it was last
   * woken.
   */
  private boolean takeNews() {
    boolean tell = news;
    news = false;
    return tell;
  }

  private ReadingBatch detachOpen() {
    ReadingBatch batch = open;
    open = null;
    openDoubles = null;
    capacity = Math.min(readingsMax, batch.readings());
    budget.release(reservedBytes - batch.weightBytes());
    return batch;
  }

  /** Closes the batch that is gathering, so that it is sent without further waiting. */
  public synchronized void flush() {
    if (open != null) {
      seal();
    }
  }

  /**
   * Returns whether there is nothing to take; may be outdated for callers that are about to be
   * woken.
   */
  public boolean isEmpty() {
    return empty;
  }

  /**
   * The next batch: a full one, or the one that is gathering if it began early enough; else null.
   *
   * @param openUntilNanos the gathering batch is taken if it began at or before this
   */
  public synchronized ReadingBatch take(boolean anyOpen, long openUntilNanos) {
    ReadingBatch batch = full.poll();
    if (batch == null && open != null && (anyOpen || open.beganNanos() - openUntilNanos <= 0)) {
      batch = detachOpen();
    }
    empty = full.isEmpty() && open == null && loneMark == null;
    return batch;
  }

  /**
   * Returns when the gathering batch began, by the loop's clock; or the given value where there is
   * none.
   */
  public long beganNanos(long otherwise) {
    if (empty) {
      return otherwise;
    }
    synchronized (this) {
      return open == null ? otherwise : open.beganNanos();
    }
  }

  /** Returns how many times something can be taken until all that is here now is taken. */
  public synchronized int size() {
    return full.size() + (open != null || loneMark != null ? 1 : 0);
  }

  /** Returns the futures of everything that is here. */
  public synchronized List<BatchFutures> pending() {
    List<BatchFutures> promises = new ArrayList<>();
    full.forEach(batch -> promises.add(batch.promise()));
    if (open != null) {
      promises.add(open.promise());
    }
    return promises;
  }

  /** Refuses readings until {@link #resume}; what is here can still be taken. */
  public synchronized void stop(WeirException cause) {
    stopped = cause;
  }

  /** Takes readings again. */
  public synchronized void resume() {
    stopped = null;
  }

  /** Refuses readings from now on; what is here can still be taken. */
  public synchronized void end(WeirException cause) {
    if (ended == null) {
      ended = cause;
    }
  }
}
