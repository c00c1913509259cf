package dev.weir.service.session;

import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import java.util.List;
import java.util.Optional;

/** What a feed has to say next, in its order. Immutable. */
sealed interface Emission {
  /**
   * Readings.
   *
   * @param partition they are of
   * @param cursor behind them
   * @param readings how many
   * @param parts encoded entries, shared
   * @param batches the batches in them, whose sensors must be known; empty in row form
   */
  record Data(int partition, Cursor cursor, long readings, List<Slice> parts, List<Slice> batches)
      implements Emission {
    long bytes() {
      long bytes = 0;
      for (Slice part : parts) {
        bytes += part.length();
      }
      return bytes;
    }
  }

  /**
   * The feed caught up or fell behind.
   *
   * @param phase which
   * @param cursor where
   */
  record PhaseChanged(Phase phase, Cursor cursor) implements Emission {}

  /**
   * Readings are lost.
   *
   * @param reason why
   * @param partition where
   * @param from before them
   * @param to behind them
   * @param readings how many
   */
  record Lost(GapReason reason, int partition, Cursor from, Cursor to, long readings)
      implements Emission {}

  /** The feed tells where it stands. */
  record Progressed() implements Emission {}

  /**
   * The feed ended.
   *
   * @param reason why
   * @param cursor behind everything delivered
   * @param fault details where it failed
   */
  record Ended(EndReason reason, Cursor cursor, Optional<Fault> fault) implements Emission {}
}
