package dev.weir.service.log.memory;

import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One claimed partition in memory: a ring of its newest records. Thread-safe; one lock, held for a
 * few loads by a read of one record, and for the whole round by an append.
 */
final class MemoryLog implements PartitionLog {
  /** About what a record's objects take beside its bytes. */
  static final int RECORD_OVERHEAD_BYTES = 256;

  private static final int RECORDS_MIN = 16;

  private final PartitionId id;
  private final long epoch;
  private final MemoryLogBudget budget;
  private final Runnable onClose;
  private volatile Runnable onDropped = () -> {};
  private LogRecord[] ring = new LogRecord[RECORDS_MIN]; // guarded by this, as all below
  private long startOffset;
  private long startReadings;
  private long endOffset;
  private long endReadings;
  private long lastAppendTimeNanos = Long.MIN_VALUE;
  private long bytes;
  private volatile long bytesMax; // written under the lock
  private boolean closed;

  MemoryLog(PartitionId id, long epoch, long bytesMax, MemoryLogBudget budget, Runnable onClose) {
    this.id = id;
    this.epoch = epoch;
    this.bytesMax = bytesMax;
    this.budget = budget;
    this.onClose = onClose;
  }

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public synchronized List<EpochStart> epochs() {
    return endOffset == 0 ? List.of() : List.of(new EpochStart(epoch, 0, 0));
  }

  @Override
  public synchronized LogRange range() {
    return new LogRange(
        endOffset == 0 ? List.of() : List.of(new LogRange.Start(epoch, 0, 0)),
        epoch,
        startOffset,
        startReadings,
        endOffset,
        endReadings);
  }

  @Override
  public synchronized long startOffset() {
    return startOffset;
  }

  @Override
  public synchronized long startReadings() {
    return startReadings;
  }

  @Override
  public synchronized long bytes() {
    return bytes;
  }

  @Override
  public synchronized long endOffset() {
    return endOffset;
  }

  @Override
  public synchronized long lastAppendTimeNanos() {
    return lastAppendTimeNanos;
  }

  @Override
  public synchronized long endReadings() {
    return endReadings;
  }

  @Override
  public boolean hasRoomFor(long bytes) {
    return budget.hasRoomFor(this, RECORD_OVERHEAD_BYTES + bytes);
  }

  /**
   * Returns the most bytes that the log may hold: a larger record would drive all others out, and
   * stay itself.
   */
  @Override
  public int recordBytesMax() {
    long most = Math.min(bytesMax, budget.bytesMax()) - RECORD_OVERHEAD_BYTES;
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, most));
  }

  /** Commits at once, on the caller's thread. */
  @Override
  public void append(List<LogRecord> records, Consumer<AppendOutcome> done) {
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException(id + " is closed");
      }
      check(records);
      for (LogRecord record : records) {
        add(record);
        dropBeyond(bytesMax);
      }
    }
    budget.settle(this);
    done.accept(new AppendOutcome.Committed());
  }

  private void check(List<LogRecord> records) {
    long offset = endOffset;
    long readings = endReadings;
    for (LogRecord record : records) {
      if (record.offset() != offset
          || record.epoch() != epoch
          || record.readingsBefore() != readings
          || record.readings() < 0) {
        throw new IllegalArgumentException(
            "record: "
                + record
                + " (expected offset "
                + offset
                + ", epoch "
                + epoch
                + ", readingsBefore "
                + readings
                + ")");
      }
      offset++;
      readings = record.readingsAfter();
    }
  }

  private void add(LogRecord record) {
    if (endOffset - startOffset == ring.length) {
      LogRecord[] larger = new LogRecord[ring.length * 2];
      for (long offset = startOffset; offset < endOffset; offset++) {
        larger[(int) (offset & (larger.length - 1))] = at(offset);
      }
      ring = larger;
    }
    ring[index(endOffset)] = record;
    endOffset++;
    endReadings = record.readingsAfter();
    lastAppendTimeNanos = Math.max(lastAppendTimeNanos, record.appendTimeNanos());
    bytes += bytes(record);
    budget.add(bytes(record));
  }

  private LogRecord at(long offset) {
    return ring[index(offset)];
  }

  private int index(long offset) {
    return (int) (offset & (ring.length - 1));
  }

  /** Counts whole arrays: it holds on to them, however little of them a slice is. */
  private static long bytes(LogRecord record) {
    return RECORD_OVERHEAD_BYTES
        + record.producer().length()
        + record.definitions().array().length
        + (long) record.batch().array().length;
  }

  /** Returns the bytes of its newest record, which it keeps; 0 for none. */
  synchronized long newestBytes() {
    return endOffset == startOffset ? 0 : bytes(at(endOffset - 1));
  }

  /** Drops its oldest records as far as it holds more, once; its own bound stays. */
  void dropTo(long max) {
    synchronized (this) {
      if (closed) {
        return;
      }
      dropBeyond(max);
    }
    onDropped.run();
  }

  @Override
  public void onDropped(Runnable dropped) {
    onDropped = dropped;
  }

  private void dropBeyond(long max) {
    while (bytes > max && endOffset - startOffset > 1) {
      drop();
    }
  }

  private void drop() {
    LogRecord oldest = at(startOffset);
    ring[index(startOffset)] = null;
    bytes -= bytes(oldest);
    budget.add(-bytes(oldest));
    startOffset++;
    startReadings = oldest.readingsAfter();
  }

  /** Its bound of bytes holds from now on, at every append. Never waits for a checkpoint. */
  @Override
  public synchronized boolean retain(Retention terms) {
    bytesMax = terms.bytesMax();
    dropBeyond(bytesMax);
    while (endOffset - startOffset > 1
        && at(startOffset).appendTimeNanos() < terms.minAppendTimeNanos()) {
      drop();
    }
    return false;
  }

  @Override
  public LogReader read(long offset, boolean bodies) throws IOException {
    synchronized (this) {
      if (offset < 0 || offset > endOffset) {
        throw new IllegalArgumentException(
            "offset: " + offset + " (expected 0 to " + endOffset + ")");
      }
      expire(offset);
    }
    return new Reader(offset, bodies);
  }

  private void expire(long offset) throws ExpiredException {
    if (offset < startOffset) {
      throw new ExpiredException(id, offset, startOffset);
    }
  }

  private synchronized LogRecord stored(long offset) throws ExpiredException {
    expire(offset);
    return offset < endOffset ? at(offset) : null;
  }

  /** Reads forward. Owned by whoever opened it. */
  private final class Reader implements LogReader {
    private final boolean bodies;
    private long offset;

    Reader(long offset, boolean bodies) {
      this.offset = offset;
      this.bodies = bodies;
    }

    @Override
    public LogItem next() throws IOException {
      LogRecord record = stored(offset);
      if (record == null) {
        return null;
      }
      offset++;
      return bodies ? record : record.withoutBatch();
    }

    /** The log may drop the record while who reads it still has it. */
    @Override
    public long nextBytes() throws IOException {
      LogRecord record = stored(offset);
      return record == null || !bodies ? 0 : record.batch().length();
    }

    @Override
    public boolean repeat() {
      offset--;
      return true;
    }

    @Override
    public void close() {} // holds nothing
  }

  @Override
  public synchronized long offsetAt(long appendTimeNanos) {
    long low = startOffset;
    for (long high = endOffset; low < high; ) {
      long middle = (low + high) >>> 1;
      if (at(middle).appendTimeNanos() < appendTimeNanos) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public Optional<Checkpoint> checkpoint() {
    return Optional.empty();
  }

  @Override
  public synchronized void checkpoint(Checkpoint checkpoint) {
    if (checkpoint.offset() > endOffset) {
      throw new IllegalArgumentException(
          "checkpoint offset: " + checkpoint.offset() + " (expected at most " + endOffset + ")");
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      budget.leave(this, bytes);
    }
    onClose.run();
  }
}
