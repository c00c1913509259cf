package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.tail.PartitionTail;
import dev.weir.service.tail.TailRecord;
import java.io.IOException;

/**
 * Reads a partition's committed records forward, from the tail where it can and from the log where
 * it must, in which it keeps its place between calls. The record it gave last is counted until it
 * is asked for the next one, or rests. Owned by one task at a time; may block on disk.
 */
@OwnedBy("its caller")
public final class CommittedRecordReader {
  private final PartitionTail tail;
  private final PartitionLog log;
  private final ReadMemory room; // null: nothing is counted
  private LogReader reader;
  private long readerOffset;
  private LogItem ahead;
  private ReadMemory.Reservation place; // of the record given last, or put back; null for none

  /** Reads a partition; closed when idle for long. */
  public CommittedRecordReader(Partition partition) {
    this(partition.tail(), partition.log());
  }

  /**
   * The same.
   *
   * @param room memory for records that are not in the tail
   */
  public CommittedRecordReader(Partition partition, ReadMemory room) {
    this(partition.tail(), partition.log(), room);
  }

  CommittedRecordReader(PartitionTail tail, PartitionLog log) {
    this(tail, log, null);
  }

  CommittedRecordReader(PartitionTail tail, PartitionLog log, ReadMemory room) {
    this.tail = tail;
    this.log = log;
    this.room = room;
  }

  /** A record that is in the tail; null where it is not. Does not block. */
  public LogRecord recent(long offset) {
    TailRecord recent = tail.get(offset);
    return recent == null ? null : recent.record();
  }

  /**
   * Returns the item that is stored at an offset: a record with its body, or a range that is
   * damaged. Offsets one behind the other are cheap.
   *
   * @param offset below the tail's head
   * @throws ExpiredException if retention has deleted it
   * @throws NoReadMemoryException if others must give memory back first; asked again, it goes on
   * @throws IOException if the store cannot be read
   */
  public LogItem at(long offset) throws IOException {
    LogRecord recent = recent(offset);
    if (recent != null) {
      close();
      return recent;
    }
    if (ahead != null && readerOffset == offset) {
      LogItem kept = ahead;
      ahead = null;
      readerOffset = kept.nextOffset();
      return kept;
    }
    giveBack();
    if (reader == null || readerOffset != offset) {
      close();
      reader = log.read(offset, true);
      if (room != null) {
        room.begin();
      }
      readerOffset = offset;
    }
    if (room != null) {
      take(reader.nextBytes());
    }
    LogItem item = reader.next();
    if (item == null) {
      throw new IOException("offset " + offset + " is committed but cannot be read");
    }
    if (!(item instanceof LogRecord)) {
      giveBack();
    }
    readerOffset = item.nextOffset();
    return item;
  }

  private void take(long bytes) throws NoReadMemoryException {
    if (bytes > 0) {
      place = room.take(bytes);
      if (place == null) {
        throw new NoReadMemoryException(bytes);
      }
    }
  }

  private void giveBack() {
    if (place != null) {
      place.giveBack();
      place = null;
    }
  }

  /** Puts back what was read too early: it is what {@link #at} finds there next. */
  public void keep(LogItem item, long offset) {
    ahead = item;
    readerOffset = offset;
  }

  /**
   * Ends a run of reads: what was given is not used any more. What was put back is kept where there
   * is memory for that, and else read again when it is asked for.
   */
  public void rest() {
    if (ahead != null && tail.get(readerOffset) != null) {
      close(); // the tail has it
    } else if (ahead == null) {
      giveBack();
    } else if (place != null && !place.tryKeep()) {
      boolean again = reader != null && reader.repeat();
      ahead = null;
      giveBack();
      if (!again) {
        close();
      }
    }
  }

  /**
   * The position behind a damaged range; its readings from the running count of what follows.
   *
   * @param at where the range was met
   */
  public Position behind(Position at, DamagedRange damaged) throws IOException {
    long readings = Math.max(at.readingsSeen(), readingsBehind(at, damaged));
    return new Position(damaged.epoch(), damaged.nextOffset(), readings, 0);
  }

  private long readingsBehind(Position at, DamagedRange damaged) throws IOException {
    Position head = tail.head();
    if (damaged.nextOffset() >= head.offset()) {
      return head.readingsBefore();
    }
    LogItem following = at(damaged.nextOffset());
    keep(following, damaged.nextOffset());
    return following instanceof LogRecord record
        ? record.readingsBefore()
        : at.readingsSeen() + Math.max(0, damaged.readings() - at.rows());
  }

  /** Returns whether it has a place in the log, or something put back. */
  public boolean isOpen() {
    return reader != null || ahead != null;
  }

  /** Gives up its place in the log. It may be used again. */
  public void close() {
    ahead = null;
    giveBack();
    if (reader != null) {
      LogReader closing = reader;
      reader = null;
      if (room != null) {
        room.end();
      }
      closing.close();
    }
  }
}
