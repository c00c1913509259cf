package dev.weir.service.latest;

import dev.weir.service.core.cursor.Position;

/**
 * Last values and the position in the log as of which they are. Thread-safe.
 *
 * @param position everything before it is folded
 * @param held the last values, until they are closed
 * @param missed readings that are not among them
 */
public record PositionedCut(Position position, HeldCut held, MissedReadings missed) {
  /** The last values; null once they are closed, or revoked. */
  public LastValuesCut cut() {
    return held.cut();
  }
}
