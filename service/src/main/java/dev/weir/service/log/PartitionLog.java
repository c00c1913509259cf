package dev.weir.service.log;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One claimed partition. Thread-safe for reading; appends, checkpoints and close belong to one
 * owner, the partition's writer.
 */
public interface PartitionLog {
  /** The epoch of this claim. */
  long epoch();

  /** The first offset of each epoch that has records, ascending; without this claim's if empty. */
  List<EpochStart> epochs();

  /** First offset still stored. */
  long startOffset();

  /** Readings before {@link #startOffset()}. */
  long startReadings();

  /** First offset not committed. */
  long endOffset();

  /** Greatest append time committed so far, Unix nanoseconds; Long.MIN_VALUE for none. */
  long lastAppendTimeNanos();

  /** Readings of all committed records since the partition's beginning. */
  long endReadings();

  /**
   * Stores records as a whole, all or none. At most one append may be under way, and their offsets
   * are consecutive from {@link #endOffset()}, their epoch this claim's. Writing may block the
   * caller; waiting for the store does not.
   *
   * @param done called once, on the caller's or an engine's thread; must not block
   */
  void append(List<LogRecord> records, Consumer<AppendOutcome> done);

  /**
   * Opens a reader.
   *
   * @param offset from {@link #startOffset()} to {@link #endOffset()}
   * @param bodies whether definitions and batches are read; false: batches come empty, which is
   *     what a fold needs (definitions are always read)
   */
  LogReader read(long offset, boolean bodies) throws IOException;

  /** The first offset with an append time at or after a time, else {@link #endOffset()}. Blocks. */
  long offsetAt(long appendTimeNanos) throws IOException;

  /** The newest valid checkpoint that lies within the log. Blocks. */
  Optional<Checkpoint> checkpoint() throws IOException;

  /** Makes a checkpoint durable, after the log up to it. Any one thread at a time. Blocks. */
  void checkpoint(Checkpoint checkpoint) throws IOException;

  /** Syncs and closes. No append may be under way. Blocks. */
  void close() throws IOException;

  /**
   * Where an epoch begins.
   *
   * @param epoch the epoch
   * @param firstOffset offset of its first record
   * @param readingsBefore readings before that record
   */
  record EpochStart(long epoch, long firstOffset, long readingsBefore) {}
}
