package dev.weir.client.internal.batch;

/**
 * Which readings of a spool travel as one batch: a run of those that a frame has for a partition.
 * Immutable.
 *
 * @param frame the frame's number
 * @param from how many of its readings for that partition come before them
 */
public record FramePiece(long frame, int from) {}
