package dev.weir.service.session.feed;

import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.CursorResolver;
import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.cursor.ResolvedPosition;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.partition.Partition;
import dev.weir.service.session.TimeMessages;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.GapReason;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Start;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds where a subscription begins.
 *
 * @param cursor before its first reading
 * @param lost what is lost before that
 */
record FeedStart(Cursor cursor, List<FeedEvent.Lost> lost) {
  /** Resolves a checked start that is not `committed`; expired cursors fail. Blocks on disk. */
  static FeedStart resolve(ServedTopic topic, Start start) {
    return resolve(topic, start, OnExpired.ON_EXPIRED_FAIL, Optional.empty());
  }

  /**
   * Resolves a checked start. Blocks on disk. A time before the beginning of the log starts at its
   * beginning without a gap: nobody knows that there was anything.
   *
   * @param onExpired what to do in a partition whose log no longer goes back to the cursor
   * @param committed the cursor that a committed start goes on behind; empty where there is none
   * @throws dev.weir.service.core.fault.FaultException CURSOR_INVALID, CURSOR_EXPIRED, STORE_FAILED
   */
  static FeedStart resolve(
      ServedTopic topic, Start start, OnExpired onExpired, Optional<Cursor> committed) {
    return switch (start.getAtCase()) {
      case EARLIEST -> at(topic, everywhere(topic, LogRange::earliest));
      case AFTER_CURSOR -> after(topic, parsed(topic, start.getAfterCursor()), onExpired);
      case COMMITTED ->
          committed.isPresent()
              ? after(topic, committed.get(), onExpired)
              : at(topic, everywhere(topic, LogRange::earliest));
      case FROM_TIME -> at(topic, fromTime(topic, start));
      case LATEST, AT_NOT_SET -> at(topic, topic.heads());
    };
  }

  private static FeedStart at(ServedTopic topic, List<Position> positions) {
    return new FeedStart(Cursor.of(topic.info().logId(), positions), List.of());
  }

  private static List<Position> everywhere(
      ServedTopic topic, Function<LogRange, Position> position) {
    List<Position> positions = new ArrayList<>();
    for (int p = 0; p < topic.partitions().size(); p++) {
      positions.add(position.apply(topic.range(p)));
    }
    return positions;
  }

  private static Cursor parsed(ServedTopic topic, String text) {
    Cursor cursor =
        Cursor.parse(text).orElseThrow(() -> invalid("it is damaged or not a cursor").exception());
    if (cursor.logId() != topic.info().logId()
        || cursor.partitions() != topic.partitions().size()) {
      throw invalid("it is of another log than topic " + topic.info().name()).exception();
    }
    return cursor;
  }

  private static FeedStart after(ServedTopic topic, Cursor cursor, OnExpired onExpired) {
    List<FeedEvent.Lost> lost = new ArrayList<>();
    Cursor now = cursor;
    for (int p = 0; p < topic.partitions().size(); p++) {
      LogRange range = topic.range(p);
      ResolvedPosition resolved = CursorResolver.resolve(cursor.position(p), range);
      if (resolved instanceof ResolvedPosition.Invalid wrong) {
        throw invalid(wrong.why()).exception();
      } else if (resolved instanceof ResolvedPosition.Expired expired) {
        Position to = behind(topic, expired, range, onExpired);
        long readings = expired.readings() + to.readingsSeen() - expired.earliest().readingsSeen();
        Cursor behind = now.with(p, to);
        lost.add(new FeedEvent.Lost(GapReason.GAP_REASON_CURSOR_EXPIRED, p, now, behind, readings));
        now = behind;
      } else if (resolved instanceof ResolvedPosition.Lost gap) {
        Cursor behind = now.with(p, gap.to());
        lost.add(
            new FeedEvent.Lost(GapReason.GAP_REASON_UNSYNCED_LOST, p, now, behind, gap.readings()));
        now = behind;
      }
    }
    return new FeedStart(now, lost);
  }

  private static Position behind(
      ServedTopic topic, ResolvedPosition.Expired expired, LogRange range, OnExpired onExpired) {
    return switch (onExpired) {
      case ON_EXPIRED_EARLIEST -> expired.earliest();
      case ON_EXPIRED_LATEST -> range.latest();
      default -> throw expired(topic, expired).exception();
    };
  }

  private static Fault invalid(String why) {
    return Fault.field(
        ErrorCode.CURSOR_INVALID,
        "start.after_cursor",
        why + "; start from earliest, latest or a time");
  }

  private static Fault expired(ServedTopic topic, ResolvedPosition.Expired expired) {
    Cursor earliest = Cursor.of(topic.info().logId(), everywhere(topic, LogRange::earliest));
    return Fault.of(
            ErrorCode.CURSOR_EXPIRED,
            "The log no longer goes back to this cursor. Start from the earliest one.")
        .with("earliest_cursor", earliest.text())
        .with("lost_readings", expired.readings());
  }

  private static List<Position> fromTime(ServedTopic topic, Start start) {
    long nanos = TimeMessages.nanos(start.getFromTime());
    List<Position> positions = new ArrayList<>();
    for (Partition partition : topic.partitions()) {
      positions.add(fromTime(topic, partition, nanos));
    }
    return positions;
  }

  private static Position fromTime(ServedTopic topic, Partition partition, long nanos) {
    try {
      Position head = partition.tail().head();
      long offset = partition.log().offsetAt(nanos);
      if (offset >= head.offset()) {
        return head;
      }
      try (LogReader reader = partition.log().read(offset, false)) {
        LogItem item = reader.next();
        if (item instanceof LogRecord record) {
          return new Position(record.epoch(), record.offset(), record.readingsBefore(), 0);
        }
        long lost = item instanceof DamagedRange damaged ? Math.max(0, damaged.readings()) : 0;
        long behind =
            reader.next() instanceof LogRecord following
                ? following.readingsBefore()
                : head.readingsBefore();
        return topic.range(partition.number()).at(offset, Math.max(0, behind - lost));
      }
    } catch (ExpiredException overtaken) {
      return topic.range(partition.number()).earliest(); // retention was faster
    } catch (IOException failed) {
      throw Fault.of(ErrorCode.STORE_FAILED, "The log cannot be read: " + failed).exception();
    }
  }
}
