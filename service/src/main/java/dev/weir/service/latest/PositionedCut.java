package dev.weir.service.latest;

import dev.weir.service.core.cursor.Position;

/**
 * Last values and the position in the log as of which they are. Immutable.
 *
 * @param position everything before it is folded
 * @param cut the last values
 * @param missed readings that are not among them
 */
public record PositionedCut(Position position, LastValuesCut cut, MissedReadings missed) {}
