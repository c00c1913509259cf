package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.LazyValue;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.partition.CommittedRecordReader;
import dev.weir.service.partition.NoReadMemoryException;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.ReadMemory;
import dev.weir.service.session.CatchUpPool;
import dev.weir.service.session.ServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.view.EveryRowPicker;
import dev.weir.service.view.RowPicker;
import dev.weir.v1.GapReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Reads, picks and converts for one feed and one partition, from the tail where it can and from the
 * log where it must. Keeps its place between calls. Owned by the fetch under way: one at a time, on
 * the catch-up pool, where it may block on disk.
 */
@OwnedBy("catch-up fetch")
public final class PartitionFetch {
  /** Bytes read after which what was found, or just the position, is told. */
  private static final long SCAN_BYTES_MAX = 4 << 20;

  /**
   * What was picked of a record that is cut is kept for its next piece where it has so few rows, at
   * most 1 KiB; or where it cannot be picked again.
   */
  private static final int PICKED_ROWS_KEPT = 4_096;

  /**
   * What it fetches.
   *
   * @param topic of
   * @param partition of
   * @param picker which rows; null where it does not know a record any more
   * @param shape how
   * @param strictBytesMax no delivery may be larger, so records are cut and what still does not fit
   *     is lost
   * @param cutsRecords whether records in columns are cut to fill a delivery; else only those that
   *     are larger than that
   * @param room memory for the records it reads
   * @param unsent counts what it found, until that is taken
   */
  record Setting(
      ServedTopic topic,
      Partition partition,
      RowPicker picker,
      FeedFormat shape,
      int strictBytesMax,
      boolean cutsRecords,
      ReadMemory room,
      Budget unsent) {}

  /**
   * What is asked of it.
   *
   * @param from the cursor to go on behind
   * @param end behind what to deliver, committed
   * @param most most readings, at least 1
   * @param oldestAppendNanos what was stored before is skipped; Long.MIN_VALUE for nothing
   * @param lagAppendNanos where what is next was stored before, it is too far behind
   * @param untilNanos what was stored from then on is not delivered
   * @param bytesMax bytes after which a delivery takes no more
   * @param kind RECENT: it ends before what is not in the tail
   */
  record FetchRequest(
      CatchUpPool.Kind kind,
      Cursor from,
      Position end,
      long most,
      long oldestAppendNanos,
      long lagAppendNanos,
      long untilNanos,
      int bytesMax) {}

  /** The way in which a fetch ended. */
  enum Outcome {
    /** There may be more. */
    MORE,
    /** The next record was stored at or after the end that was asked for. */
    UNTIL_REACHED,
    /** The next record was stored too long ago for its overflow. */
    LAGGING,
    /** The next record needs more than the tail. */
    NEEDS_LOG
  }

  /**
   * What a fetch found.
   *
   * @param to the position behind it
   * @param readings how many
   * @param parts encoded entries
   * @param sensors the ids in each batch of these; empty in row form
   * @param suppressed readings the mode held back
   * @param lost why everything up to {@code to} is not delivered, and how many readings these are;
   *     null for nothing lost. Then there are no readings
   * @param outcome how it ended
   * @param appendNanos append time of the last record done; Long.MIN_VALUE for none
   * @param eventMaxNanos greatest event time of the records done; Long.MIN_VALUE for none
   * @param scanned bytes read on the way
   */
  record Chunk(
      Position to,
      long readings,
      List<Slice> parts,
      List<LazyValue<int[]>> sensors,
      long suppressed,
      Loss lost,
      Outcome outcome,
      long appendNanos,
      long eventMaxNanos,
      long scanned) {}

  /**
   * What is lost.
   *
   * @param reason why
   * @param readings how many
   * @param exact whether all of them match
   */
  record Loss(GapReason reason, long readings, boolean exact) {}

  private final Setting setting;
  private final int number;
  private final CommittedRecordReader records;
  private final ChunkEncoder chunk;
  private RowPicker.Picked picked;
  private long pickedOffset = -1;
  private int pickedRows; // among so many

  // of the call under way
  private FetchRequest ask;
  private Position at;
  private Loss lost;
  private Outcome outcome;
  private long suppressed;
  private long appendNanos;
  private long eventMaxNanos;
  private long held; // bytes found and not taken

  PartitionFetch(Setting setting) {
    this.setting = setting;
    this.number = setting.partition().number();
    this.records = new CommittedRecordReader(setting.partition(), setting.room());
    this.chunk = new ChunkEncoder(setting);
  }

  /** Fetches the next readings. */
  Chunk next(FetchRequest asked) throws IOException {
    ask = asked;
    chunk.begin(asked, (int) setting.unsent().share(bytesLeast(asked), asked.bytesMax()));
    at = asked.from().position(number);
    lost = null;
    outcome = Outcome.MORE;
    suppressed = 0;
    appendNanos = Long.MIN_VALUE;
    eventMaxNanos = Long.MIN_VALUE;
    Chunk found = find();
    hold(chunk.bytes()); // last: who asked gives back what it is told of
    return found;
  }

  private Chunk find() throws IOException {
    try {
      long scanned = scan();
      if (leavesLog()) {
        records.close();
      }
      return new Chunk(
          at,
          chunk.readings(),
          chunk.parts(),
          chunk.sensors(),
          suppressed,
          lost,
          outcome,
          appendNanos,
          eventMaxNanos,
          scanned);
    } finally {
      records.rest();
      if (picked != null
          && pickedRows > PICKED_ROWS_KEPT
          && setting.picker() instanceof EveryRowPicker) {
        forgetPicked();
      }
      chunk.forget();
    }
  }

  /** While it waited for its turn, memory may have become scarce. */
  private static int bytesLeast(FetchRequest asked) {
    return Math.min(ServerContext.DELIVERY_BYTES_LEAST, asked.bytesMax());
  }

  /** Does items until a delivery is full, or others have waited long enough; the bytes read. */
  private long scan() throws IOException {
    long scanned = 0;
    while (at.offset() < ask.end().offset()
        && !chunk.isFull()
        && scanned < SCAN_BYTES_MAX) { // others wait for this thread, and what was found waits too
      long taken = step();
      if (taken < 0) {
        break;
      }
      scanned += taken;
    }
    return scanned;
  }

  private void hold(long found) {
    held += found;
    setting.unsent().take(found);
    setting.room().found(found);
  }

  /** Says that what it found was taken, and is counted by who did. */
  void taken() {
    setting.unsent().giveBack(held);
    setting.room().taken(held);
    held = 0;
  }

  /** Returns whether the log is not read where the feed goes on. */
  private boolean leavesLog() {
    return outcome != Outcome.MORE
        || at.offset() >= ask.end().offset()
        || setting.partition().tail().get(at.offset()) != null;
  }

  /** Does the next item; the bytes read, or -1 if nothing may follow in this call. */
  private long step() throws IOException {
    try {
      LogItem item =
          ask.kind() == CatchUpPool.Kind.RECENT
              ? records.recent(at.offset())
              : records.at(at.offset());
      if (item == null) {
        return -1; // it left the tail
      }
      return item instanceof DamagedRange damaged ? step(damaged) : step((LogRecord) item);
    } catch (NoReadMemoryException full) {
      if (moved()) {
        return -1; // first what was found
      }
      throw full;
    } catch (ExpiredException passed) {
      return lose(
          GapReason.GAP_REASON_RETENTION, new PositionFinder(setting.topic(), number).earliest());
    }
  }

  private long step(DamagedRange damaged) throws IOException {
    if (moved()) {
      records.keep(damaged, at.offset());
      return -1; // the gap begins where the damage does, not where the search began
    }
    long seen = Math.max(at.readingsSeen(), readingsBehind(damaged));
    return lose(
        GapReason.GAP_REASON_DATA_LOSS,
        new Position(damaged.epoch(), damaged.nextOffset(), seen, 0));
  }

  private long step(LogRecord record) throws IOException {
    if (record.appendTimeNanos() >= ask.untilNanos()) {
      return stop(record, Outcome.UNTIL_REACHED);
    }
    if (record.appendTimeNanos() < ask.lagAppendNanos()) {
      return stop(record, Outcome.LAGGING);
    }
    if (record.appendTimeNanos() < ask.oldestAppendNanos()) {
      if (ask.kind() == CatchUpPool.Kind.RECENT) {
        outcome = Outcome.NEEDS_LOG;
        return -1;
      }
      records.keep(record, at.offset());
      long oldest = Math.min(ask.oldestAppendNanos(), ask.untilNanos());
      long young = setting.partition().log().offsetAt(oldest);
      long end = Math.min(young, ask.end().offset());
      Position least = new Position(record.epoch(), record.nextOffset(), record.readingsAfter(), 0);
      // nobody can tell the age of what cannot be read: that has a gap of its own
      Position to = new PositionFinder(setting.topic(), number).behindLastBefore(end, least);
      return lose(GapReason.GAP_REASON_TOO_OLD, to);
    }
    return take(record) ? record.batch().length() : -1;
  }

  private boolean moved() {
    return !at.equals(ask.from().position(number));
  }

  private long stop(LogRecord before, Outcome why) {
    records.keep(before, at.offset());
    outcome = why;
    return -1;
  }

  /** Passes over everything up to a position or the end, as a gap if there are readings. */
  private long lose(GapReason reason, Position upTo) {
    if (moved()) {
      return -1; // first what was found
    }
    Position to = upTo.offset() < ask.end().offset() ? upTo : ask.end();
    long missing = Math.max(0, to.readingsSeen() - at.readingsSeen());
    if (missing > 0 || reason == GapReason.GAP_REASON_DATA_LOSS) {
      lost = new Loss(reason, missing, false);
    }
    at = to;
    return -1;
  }

  /** Readings up to the end of a damaged range, from the running count of what follows it. */
  private long readingsBehind(DamagedRange damaged) throws IOException {
    Position head = setting.partition().tail().head();
    if (damaged.nextOffset() >= head.offset()) {
      return head.readingsBefore();
    }
    LogItem following = records.at(damaged.nextOffset());
    records.keep(following, damaged.nextOffset());
    return following instanceof LogRecord record
        ? record.readingsBefore()
        : at.readingsSeen() + Math.max(0, damaged.readings() - at.rows());
  }

  /** Takes what matches of a record. False if nothing may follow in this call. */
  private boolean take(LogRecord record) {
    if (record.readings() > at.rows()) {
      if (!pick(record)) {
        records.keep(record, record.offset());
        return false;
      }
      int rowsDone = chunk.add(record, picked.rows(), at.rows());
      if (chunk.isReadingTooLarge()) {
        lost = new Loss(GapReason.GAP_REASON_TOO_LARGE, 1, true);
      }
      suppressed += picked.suppressed(at.rows(), rowsDone);
      if (rowsDone < record.readings()) {
        if (rowsDone > at.rows()) {
          at = new Position(record.epoch(), record.offset(), record.readingsBefore(), rowsDone);
        }
        records.keep(record, record.offset());
        return false;
      }
    }
    forgetPicked();
    at = new Position(record.epoch(), record.nextOffset(), record.readingsAfter(), 0);
    appendNanos = record.appendTimeNanos();
    if (record.readings() > 0) {
      eventMaxNanos = Math.max(eventMaxNanos, record.eventTimeMaxNanos());
    }
    return lost == null;
  }

  /** Picks rows of a record once, also when it is delivered in pieces. */
  private boolean pick(LogRecord record) {
    if (pickedOffset != record.offset()) {
      picked = setting.picker().pick(record, at.rows());
      pickedOffset = picked == null ? -1 : record.offset();
      pickedRows = record.readings();
    }
    return picked != null;
  }

  private void forgetPicked() {
    picked = null;
    pickedOffset = -1;
  }

  /** Names of a topic's sensors by id, in UTF-8. */
  public static IntFunction<byte[]> names(ServedTopic topic) {
    return sensorId -> {
      byte[] name = topic.sensors().name(sensorId);
      // '#' cannot be in a name: the definition was lost with a damaged record.
      return name == null ? ("#" + sensorId).getBytes(StandardCharsets.UTF_8) : name;
    };
  }

  /** Returns whether it has a place in the log. */
  boolean isOpen() {
    return records.isOpen();
  }

  /** Gives up its place in the log, which it finds again, and what was not taken. */
  void close() {
    records.close();
    taken();
  }
}
