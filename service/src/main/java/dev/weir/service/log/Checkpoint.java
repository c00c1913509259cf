package dev.weir.service.log;

import dev.weir.service.core.Slice;

/**
 * A fold of the log up to a position, kept so that a restart replays little. Immutable.
 *
 * @param epoch the epoch of the last record folded (0 for none)
 * @param offset the first offset not folded
 * @param readings readings of all records folded
 * @param state the fold, in a form of the owner's choice
 */
public record Checkpoint(long epoch, long offset, long readings, Slice state) {}
