package dev.weir.service.session.feed;

import dev.weir.service.core.LazyValue;
import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import java.util.List;
import java.util.Optional;

/** The next thing that a feed tells its subscriber, in its order. Immutable. */
public sealed interface FeedEvent {
  /**
   * Readings.
   *
   * @param partition they are of
   * @param cursor behind them; null for last values, which have no place in the log
   * @param readings how many
   * @param parts encoded entries, shared
   * @param sensors the ids in each batch of these, which must be known; empty in row form
   */
  record Data(
      int partition,
      Cursor cursor,
      long readings,
      List<Slice> parts,
      List<LazyValue<int[]>> sensors)
      implements FeedEvent {
    public long bytes() {
      long bytes = 0;
      for (Slice part : parts) {
        bytes += part.length();
      }
      return bytes;
    }
  }

  /**
   * The feed caught up or fell behind, or a snapshot begins or ends.
   *
   * @param phase which
   * @param cursor where; null where a snapshot begins
   */
  record PhaseChanged(Phase phase, Cursor cursor) implements FeedEvent {}

  /**
   * Readings are not delivered.
   *
   * @param reason why
   * @param partition where
   * @param from before them; null for last values
   * @param to behind them; null for last values
   * @param readings how many
   * @param exact whether all of them match; otherwise the selector may have skipped some
   */
  record Lost(GapReason reason, int partition, Cursor from, Cursor to, long readings, boolean exact)
      implements FeedEvent {
    /** All stored readings between two positions. */
    Lost(GapReason reason, int partition, Cursor from, Cursor to, long readings) {
      this(reason, partition, from, to, readings, false);
    }
  }

  /** The feed tells where it stands. */
  record Progressed() implements FeedEvent {}

  /**
   * The feed ended.
   *
   * @param reason why
   * @param cursor behind everything delivered
   * @param fault details where it failed
   */
  record Ended(EndReason reason, Cursor cursor, Optional<Fault> fault) implements FeedEvent {}
}
