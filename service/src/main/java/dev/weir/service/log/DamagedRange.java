package dev.weir.service.log;

/**
 * Records that were stored and cannot be read any more. Immutable.
 *
 * @param fromOffset first offset lost
 * @param nextOffset first offset that can be read again, or the committed end
 * @param epoch the epoch to go on with
 * @param readings how many readings are lost, from the running counts around the range; -1 unknown
 * @param detail file and byte range, for the operator
 */
public record DamagedRange(
    long fromOffset, long nextOffset, long epoch, long readings, String detail)
    implements LogItem {}
