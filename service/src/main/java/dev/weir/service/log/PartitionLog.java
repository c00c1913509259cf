package dev.weir.service.log;

import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.LogRange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One claimed partition. Thread-safe for reading; appends, checkpoints and close belong to one
 * owner, the partition's writer. Retention moves the beginning while all of that goes on.
 */
public interface PartitionLog {
  /** The epoch of this claim. */
  long epoch();

  /** The first offset of each epoch that has records, ascending; without this claim's if empty. */
  List<EpochStart> epochs();

  /**
   * Returns the range of the log as of one moment, so that its start and end, and an offset and its
   * readings, fit together.
   */
  LogRange range();

  /** First offset still stored; grows with retention. */
  long startOffset();

  /**
   * Readings before {@link #startOffset()}; where damage hides how many, at least so many. Grows
   * with retention.
   */
  long startReadings();

  /** Bytes stored now, with what the engine adds to them. Does not block. */
  long bytes();

  /** First offset not committed. */
  long endOffset();

  /** Greatest append time committed so far, Unix nanoseconds; Long.MIN_VALUE for none. */
  long lastAppendTimeNanos();

  /** Readings of all committed records since the partition's beginning. */
  long endReadings();

  /**
   * Returns whether publishers may store more; false while what the store has left is kept for
   * checkpoints, topics and commits, which it still takes. Never blocks.
   */
  default boolean hasRoom() {
    return true;
  }

  /**
   * Returns whether there is room for a record now; false where memory that logs share has none,
   * whatever they drop. Never blocks.
   *
   * @param bytes of producer, definitions and batch
   */
  default boolean hasRoomFor(long bytes) {
    return true;
  }

  /**
   * Most bytes of producer, definitions and batch of one record; an append with more fails. May
   * change with its settings. Never blocks.
   */
  default int recordBytesMax() {
    return Integer.MAX_VALUE;
  }

  /**
   * Returns whether it takes no more appends until a restart, because nobody knows what of it is
   * stored; known here before the next append ends so. Never blocks.
   */
  default boolean poisoned() {
    return false;
  }

  /**
   * Has somebody told when records were dropped for others' sake, such as memory that all share.
   *
   * @param dropped runs on any thread; must not block
   */
  default void onDropped(Runnable dropped) {
    // Most drop nothing but by an append or {@link #retain}, whose callers know.
  }

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
   * @param offset up to {@link #endOffset()}
   * @param bodies whether definitions and batches are read; false: batches come empty, which is
   *     what a fold needs (definitions are always read)
   * @throws ExpiredException if the offset is before {@link #startOffset()}
   */
  LogReader read(long offset, boolean bodies) throws IOException;

  /** The first offset with an append time at or after a time, else {@link #endOffset()}. Blocks. */
  long offsetAt(long appendTimeNanos) throws IOException;

  /**
   * The newest valid checkpoint that lies within the log. An engine whose logs end with their claim
   * has none. Blocks.
   */
  Optional<Checkpoint> checkpoint() throws IOException;

  /**
   * Returns whether {@link #checkpoint()} found one of those that are kept damaged, or missing
   * although the log cannot do without: another one is to be written, even if it says the same.
   */
  default boolean lacksCheckpoint() {
    return false;
  }

  /** Bytes that {@link #checkpoint()} has in memory, about; 0 for none. Blocks. */
  default long checkpointBytes() throws IOException {
    return 0;
  }

  /**
   * Makes a checkpoint durable, after everything that is committed now; an engine whose logs end
   * with their claim forgets it. Any one thread at a time. Blocks.
   */
  void checkpoint(Checkpoint checkpoint) throws IOException;

  /**
   * The same for a state that may be large.
   *
   * @param head of which everything but the state counts
   * @param state is asked to write itself several times
   */
  default void checkpoint(Checkpoint head, CheckpointState state) throws IOException {
    var bytes = new ByteArrayOutputStream();
    state.writeTo(bytes);
    checkpoint(
        new Checkpoint(
            head.epoch(), head.offset(), head.readings(), Slice.of(bytes.toByteArray())));
  }

  /**
   * Deletes the oldest records that the terms do not ask to keep, in the units the engine stores
   * them in; never the newest unit, and never what a restart would have to fold again from the
   * older of the last two checkpoints. May run while the owner appends and checkpoints, and while
   * readers read. Thread-safe, one at a time. Blocks.
   *
   * @return true where more would be deleted once a newer checkpoint is written: one more, or two
   *     where there were none
   * @throws IOException if the store cannot delete; tried again by the next call
   */
  boolean retain(Retention terms) throws IOException;

  /** Syncs and closes. No append may be under way. Blocks. */
  void close() throws IOException;

  /**
   * The terms of retention; a record that either term gives up is deleted. Immutable.
   *
   * @param minAppendTimeNanos records appended before that go; Long.MIN_VALUE: no bound. What lies
   *     between the last record of a claim and the next claim does not count: the server was away,
   *     and its clock may have jumped
   * @param bytesMax how many {@link #bytes()} stay, of the newest records: on disk at least so many
   *     (only whole files go), in memory at most; Long.MAX_VALUE: no bound
   */
  record Retention(long minAppendTimeNanos, long bytesMax) {}

  /**
   * The first record of an epoch.
   *
   * @param epoch the epoch
   * @param firstOffset offset of its first record
   * @param readingsBefore readings before that record
   */
  record EpochStart(long epoch, long firstOffset, long readingsBefore) {}
}
