package dev.weir.service.core.sequence;

/**
 * The state that a partition remembers of a producer. Immutable.
 *
 * @param epoch its greatest epoch; at least 1
 * @param lastSequence its last stored sequence, across epochs; 0 for none
 * @param lastAppendNanos append time of its last record, Unix nanoseconds
 */
public record ProducerEntry(long epoch, long lastSequence, long lastAppendNanos) {}
