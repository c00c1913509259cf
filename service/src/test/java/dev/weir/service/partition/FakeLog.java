package dev.weir.service.partition;

import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.CheckpointTooLargeException;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** One claim of a partition in memory, whose appends end as the test says. Owned by one test. */
public final class FakeLog implements PartitionLog {
  /** How an append ends. */
  public enum End {
    COMMIT,
    NOT_STORED,
    /** Nobody knows, and it is stored. */
    UNKNOWN_STORED,
    /** Nobody knows, and it is lost. */
    UNKNOWN_LOST,
    /** A defect: append itself fails. */
    THROW
  }

  private static final PartitionId PARTITION = new PartitionId("fake", 0);

  private final FakeLogDisk disk;
  private final long epoch;
  private List<LogRecord> pending;
  private Consumer<AppendOutcome> done;
  private End end = End.COMMIT;
  private boolean held;
  private boolean stopped;
  private boolean closed;
  private boolean retainingNothing;
  private boolean closeFails;
  private Error closeDefect;
  private boolean full;
  private boolean memoryFull;
  private int recordBytesMax = Integer.MAX_VALUE;
  private int failedCheckpoints;
  private int tooLargeCheckpoints;
  private boolean checkpointsTooLarge;
  private boolean readsFail;
  private Error readDefect;
  private int appends;
  private int checkpoints;

  FakeLog(FakeLogDisk disk, long epoch) {
    this.disk = disk;
    this.epoch = epoch;
  }

  /** The next appends end like this. */
  public void end(End newEnd) {
    end = newEnd;
  }

  /** Appends wait for {@link #release}. */
  public void hold() {
    held = true;
  }

  /** Appends wait no more; the one under way ends. */
  public void release() {
    held = false;
    if (pending != null) {
      finish();
    }
  }

  /** The append under way ends; the next ones wait. */
  public void releaseOne() {
    finish();
  }

  /** Makes stored records unreadable. */
  public void damage(long offset) {
    disk.damaged.add(offset);
  }

  /** Nothing can be read, or everything again. */
  public void failReads(boolean fail) {
    readsFail = fail;
  }

  /** Reading ends in something that is no exception; null for no more. */
  public void readsEndIn(Error defect) {
    readDefect = defect;
  }

  /** What is stored. */
  public List<LogRecord> records() {
    return List.copyOf(disk.records);
  }

  /** Appends asked for so far. */
  public int appends() {
    return appends;
  }

  /** What the store has left is kept for upkeep, or not any more. */
  public void full(boolean isFull) {
    full = isFull;
  }

  /** It takes no larger records from now on. */
  public void recordBytesMax(int bytes) {
    recordBytesMax = bytes;
  }

  /** The memory that logs share is used up, or not any more. */
  public void memoryFull(boolean isFull) {
    memoryFull = isFull;
  }

  @Override
  public boolean hasRoomFor(long bytes) {
    return !memoryFull;
  }

  @Override
  public int recordBytesMax() {
    return recordBytesMax;
  }

  @Override
  public boolean hasRoom() {
    return !full;
  }

  /** The next checkpoints cannot be written. */
  public void failCheckpoints(int count) {
    failedCheckpoints = count;
  }

  /** From now on no checkpoint can be written. */
  public void checkpointsTooLarge() {
    checkpointsTooLarge = true;
  }

  /** From now on they can be written. */
  public void checkpointsFit() {
    checkpointsTooLarge = false;
  }

  /** How many were tried since. */
  public int tooLargeCheckpoints() {
    return tooLargeCheckpoints;
  }

  /** Checkpoints written so far. */
  public int checkpoints() {
    return checkpoints;
  }

  /** Readers not closed. */
  public int openReaders() {
    return disk.openReaders;
  }

  /** Retention waits for a checkpoint whatever is written. */
  public void refuseToRetain() {
    retainingNothing = true;
  }

  /** The checkpoint is gone. */
  public void loseCheckpoint() {
    disk.checkpoint = null;
  }

  /** Returns whether its owner closed it. */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public List<EpochStart> epochs() {
    return List.copyOf(disk.epochs);
  }

  @Override
  public LogRange range() {
    return new LogRange(
        disk.epochs.stream()
            .map(at -> new LogRange.Start(at.epoch(), at.firstOffset(), at.readingsBefore()))
            .toList(),
        epoch,
        startOffset(),
        startReadings(),
        endOffset(),
        endReadings());
  }

  @Override
  public long startOffset() {
    return disk.start;
  }

  @Override
  public long startReadings() {
    return disk.start == 0 ? 0 : disk.records.get((int) disk.start - 1).readingsAfter();
  }

  @Override
  public long bytes() {
    return disk.records.stream().skip(disk.start).mapToLong(FakeLog::bytes).sum();
  }

  private static long bytes(LogRecord record) {
    return (long) record.definitions().length() + record.batch().length();
  }

  @Override
  public long endOffset() {
    return disk.records.size();
  }

  @Override
  public long lastAppendTimeNanos() {
    return disk.records.isEmpty() ? Long.MIN_VALUE : last().appendTimeNanos();
  }

  @Override
  public long endReadings() {
    return disk.records.isEmpty() ? 0 : last().readingsAfter();
  }

  private LogRecord last() {
    return disk.records.get(disk.records.size() - 1);
  }

  @Override
  public void append(List<LogRecord> records, Consumer<AppendOutcome> whenDone) {
    for (LogRecord record : records) {
      int bytes =
          record.producer().length() + record.definitions().length() + record.batch().length();
      if (bytes > recordBytesMax) {
        throw new IllegalArgumentException("record bytes: " + bytes);
      }
    }
    appends++;
    if (closed || pending != null) {
      throw new IllegalStateException(closed ? "closed" : "an append is under way");
    }
    if (end == End.THROW) {
      throw new IllegalArgumentException("a defect on purpose");
    }
    check(records);
    pending = List.copyOf(records);
    done = whenDone;
    if (!held) {
      finish();
    }
  }

  private void check(List<LogRecord> records) {
    long offset = endOffset();
    long readings = endReadings();
    long time = lastAppendTimeNanos();
    for (LogRecord record : records) {
      if (record.offset() != offset
          || record.epoch() != epoch
          || record.readingsBefore() != readings
          || record.appendTimeNanos() < time) {
        throw new AssertionError("does not follow offset " + offset + ": " + record);
      }
      offset++;
      readings = record.readingsAfter();
      time = record.appendTimeNanos();
    }
  }

  private void finish() {
    List<LogRecord> records = pending;
    pending = null;
    IOException cause = new IOException("failed on purpose");
    End how = stopped ? End.UNKNOWN_LOST : end;
    stopped = how == End.UNKNOWN_LOST || how == End.UNKNOWN_STORED;
    if (how == End.COMMIT || how == End.UNKNOWN_STORED) {
      store(records);
    }
    done.accept(
        switch (how) {
          case COMMIT -> new AppendOutcome.Committed();
          case NOT_STORED -> new AppendOutcome.NotStored(cause);
          default -> new AppendOutcome.Unknown(cause);
        });
  }

  private void store(List<LogRecord> records) {
    LogRecord first = records.get(0);
    disk.records.addAll(records);
    if (disk.epochs.isEmpty() || disk.epochs.get(disk.epochs.size() - 1).epoch() != epoch) {
      disk.epochs.add(new EpochStart(epoch, first.offset(), first.readingsBefore()));
    }
  }

  @Override
  public LogReader read(long offset, boolean bodies) throws IOException {
    if (readsFail) {
      throw new IOException("reading fails on purpose");
    }
    if (readDefect != null) {
      throw readDefect;
    }
    if (closed || offset < 0 || offset > endOffset()) {
      throw new IllegalArgumentException("offset " + offset + (closed ? ", closed" : ""));
    }
    expire(offset);
    disk.openReaders++;
    return new Reader(offset, bodies);
  }

  private void expire(long offset) throws ExpiredException {
    if (offset < disk.start) {
      throw new ExpiredException(PARTITION, offset, disk.start);
    }
  }

  private final class Reader implements LogReader {
    private final long start;
    private final boolean bodies;
    private long offset;
    private boolean open = true;

    Reader(long start, boolean bodies) {
      this.start = start;
      this.offset = start;
      this.bodies = bodies;
    }

    @Override
    public LogItem next() throws ExpiredException {
      if (!open) {
        throw new IllegalStateException("closed");
      }
      expire(offset);
      if (offset == endOffset()) {
        return null;
      }
      LogItem item = disk.damaged.contains(offset) ? damage() : record();
      offset = item.nextOffset();
      return item;
    }

    private DamagedRange damage() {
      long to = offset;
      while (disk.damaged.contains(to)) {
        to++;
      }
      boolean known = offset > start || offset == 0 || !disk.damaged.contains(offset - 1);
      long before = disk.records.get((int) offset).readingsBefore();
      long behind = to == endOffset() ? endReadings() : disk.records.get((int) to).readingsBefore();
      long next = to == endOffset() ? epoch : disk.records.get((int) to).epoch();
      return new DamagedRange(offset, to, next, known ? behind - before : -1, "on purpose");
    }

    private LogRecord record() {
      LogRecord stored = disk.records.get((int) offset);
      return bodies ? stored : stored.withoutBatch();
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        disk.openReaders--;
      }
    }
  }

  @Override
  public long offsetAt(long appendTimeNanos) {
    return disk.records.stream()
        .skip(disk.start)
        .filter(record -> record.appendTimeNanos() >= appendTimeNanos)
        .mapToLong(LogRecord::offset)
        .findFirst()
        .orElse(endOffset());
  }

  @Override
  public Optional<Checkpoint> checkpoint() {
    return Optional.ofNullable(disk.checkpoint);
  }

  @Override
  public void checkpoint(Checkpoint checkpoint) throws IOException {
    if (checkpointsTooLarge) {
      tooLargeCheckpoints++;
      throw new CheckpointTooLargeException(1L << 32, 1L << 31);
    }
    if (failedCheckpoints > 0) {
      failedCheckpoints--;
      throw new UncheckedIOException(new IOException("no checkpoint on purpose"));
    }
    LogRecord folded =
        checkpoint.offset() == 0 ? null : disk.records.get((int) checkpoint.offset() - 1);
    if (folded != null
        && (folded.epoch() != checkpoint.epoch()
            || folded.readingsAfter() != checkpoint.readings())) {
      throw new AssertionError("of another history: " + checkpoint + " against " + folded);
    }
    checkpoints++;
    disk.checkpoint = checkpoint;
  }

  /** Deletes record by record, up to the newest checkpoint, and never the newest record. */
  @Override
  public boolean retain(Retention terms) {
    if (retainingNothing) {
      return true;
    }
    long safe = disk.checkpoint == null ? 0 : disk.checkpoint.offset();
    while (disk.start < endOffset() - 1) {
      LogRecord oldest = disk.records.get((int) disk.start);
      if (oldest.appendTimeNanos() >= terms.minAppendTimeNanos()
          && bytes() - bytes(oldest) < terms.bytesMax()) {
        return false;
      }
      if (disk.start >= safe) {
        return true;
      }
      disk.start++;
    }
    return false;
  }

  /** Closing fails, once it is closed. */
  public void failClose() {
    closeFails = true;
  }

  /** Closing ends in something that is no exception. */
  public void closeEndsIn(Error defect) {
    closeDefect = defect;
  }

  @Override
  public void close() throws IOException {
    if (pending != null) {
      throw new IllegalStateException("an append is under way");
    }
    closed = true;
    if (closeDefect != null) {
      throw closeDefect;
    }
    if (closeFails) {
      throw new IOException("close fails on purpose");
    }
  }
}
