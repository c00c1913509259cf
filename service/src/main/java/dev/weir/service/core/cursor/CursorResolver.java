package dev.weir.service.core.cursor;

import dev.weir.service.core.cursor.LogRange.Start;

/**
 * Finds what a position means to a log that may have restarted, lost its unsynced tail or dropped
 * old records since. Stateless.
 *
 * <p>An epoch ends where the next one that has records begins. An epoch without records is unknown
 * to the log and yet legitimate (a cursor taken at the head between two restarts), so an unknown
 * epoch older than the present one is judged by the same rule; one that shares its number with a
 * known epoch but not its random bits is of another history.
 *
 * <p>A log in memory holds nothing of earlier starts: a position of one is expired.
 */
public final class CursorResolver {
  private CursorResolver() {}

  /** Resolves a position of this partition's log. */
  public static ResolvedPosition resolve(Position position, LogRange log) {
    long epoch = position.epoch();
    if (number(epoch) > number(log.currentEpoch())) {
      return new ResolvedPosition.Invalid("its epoch has not begun yet");
    }
    if (log.memory() && number(epoch) < number(log.currentEpoch())) {
      // The records of that start that it had not seen are gone, and were counted nowhere.
      return new ResolvedPosition.Expired(position, log.earliest(), log.startReadings());
    }
    Start next = null;
    for (Start start : log.epochs()) {
      if (start.epoch() != epoch && number(start.epoch()) == number(epoch)) {
        return new ResolvedPosition.Invalid("its epoch is of another history of this log");
      }
      if (next == null && number(start.epoch()) > number(epoch)) {
        next = start;
      }
    }
    boolean current = epoch == log.currentEpoch();
    if (!current && number(epoch) == number(log.currentEpoch())) {
      return new ResolvedPosition.Invalid("its epoch is of another history of this log");
    }
    // A record begun is a record needed: rows done say that it was in this epoch.
    long needed = position.offset() + (position.rows() > 0 ? 1 : 0);
    long end = next == null ? log.endOffset() : next.firstOffset();
    if (needed > end) {
      return current
          ? new ResolvedPosition.Invalid("it lies in the future")
          : lost(position, next, log);
    }
    return position.offset() < log.startOffset() ? expired(position, log) : at(position, log);
  }

  private static ResolvedPosition at(Position position, LogRange log) {
    if (position.readingsBefore() < log.startReadings()
        || position.readingsSeen() > log.endReadings()) {
      return new ResolvedPosition.Invalid("its count of readings is not of this log");
    }
    return new ResolvedPosition.At(position);
  }

  private static ResolvedPosition lost(Position position, Start next, LogRange log) {
    Position to =
        next == null
            ? log.latest()
            : new Position(next.epoch(), next.firstOffset(), next.readingsBefore(), 0);
    if (to.offset() < log.startOffset()) {
      return expired(to, log);
    }
    return new ResolvedPosition.Lost(
        position, to, Math.max(0, position.readingsSeen() - to.readingsBefore()));
  }

  private static ResolvedPosition expired(Position position, LogRange log) {
    return new ResolvedPosition.Expired(
        position, log.earliest(), Math.max(0, log.startReadings() - position.readingsSeen()));
  }

  private static long number(long epoch) {
    return Position.epochNumber(epoch);
  }
}
