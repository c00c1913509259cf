package dev.weir.service.sim;

/**
 * One stored reading. Immutable.
 *
 * @param offset of its record
 * @param row in it
 * @param sensor its sensor's id
 * @param timeNanos its event time
 * @param value as in {@link SentBatch}
 */
record StoredReading(long offset, int row, int sensor, long timeNanos, long value) {}
