package dev.weir.service.partition;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.tail.Tail;
import dev.weir.service.tail.TailRecord;
import java.io.IOException;

/**
 * Reads a partition's committed records forward, from the tail where it can and from the log where
 * it must, in which it keeps its place between calls. Owned by one task at a time; may block on
 * disk.
 */
@OwnedBy("its caller")
public final class Records {
  private final Tail tail;
  private final PartitionLog log;
  private LogReader reader;
  private long readerOffset;
  private LogItem ahead;

  /** Reads a partition; closed when idle for long, so that it keeps no file open. */
  public Records(Partition partition) {
    this(partition.tail(), partition.log());
  }

  Records(Tail tail, PartitionLog log) {
    this.tail = tail;
    this.log = log;
  }

  /**
   * What is stored at an offset: a record with its body, or a range that is damaged. Offsets one
   * behind the other are cheap.
   *
   * @param offset below the tail's head
   * @throws ExpiredException if retention has deleted it
   * @throws IOException if the store cannot be read
   */
  public LogItem at(long offset) throws IOException {
    TailRecord recent = tail.get(offset);
    if (recent != null) {
      close();
      return recent.record();
    }
    if (ahead != null && readerOffset == offset) {
      LogItem kept = ahead;
      ahead = null;
      readerOffset = kept.nextOffset();
      return kept;
    }
    if (reader == null || readerOffset != offset) {
      close();
      reader = log.read(offset, true);
      readerOffset = offset;
    }
    LogItem item = reader.next();
    if (item == null) {
      throw new IOException("offset " + offset + " is committed but cannot be read");
    }
    readerOffset = item.nextOffset();
    return item;
  }

  /** Puts back what was read too early: it is what {@link #at} finds there next. */
  public void keep(LogItem item, long offset) {
    ahead = item;
    readerOffset = offset;
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

  /** Whether it has a place in the log, or something put back. */
  public boolean isOpen() {
    return reader != null || ahead != null;
  }

  /** Gives up its place in the log. It may be used again. */
  public void close() {
    ahead = null;
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }
}
