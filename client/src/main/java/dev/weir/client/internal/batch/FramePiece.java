package dev.weir.client.internal.batch;

/**
 * Identifies the readings of a spool that travel as one batch: a run of those that a frame has for
 * a partition. Immutable.
 *
 * @param frame the frame's number
 * @param from how many of its readings for that partition come before them
 */
public record FramePiece(long frame, int from) {}
