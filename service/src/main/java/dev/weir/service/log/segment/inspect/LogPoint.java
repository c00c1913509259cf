package dev.weir.service.log.segment.inspect;

import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog.EpochStart;
import dev.weir.service.log.segment.file.PartitionEpochs;
import java.util.List;

/**
 * A place between two records, and what is known of the log before it. Immutable.
 *
 * @param offset of the record behind it
 * @param readings readings before it; {@link DamagedRange#READINGS_UNKNOWN} where damage hides them
 * @param epoch of the record before it; 0 where there is none, or it is lost
 * @param appendTimeNanos of the record before it; Long.MIN_VALUE where there is none or it is lost
 * @param epochs where the epochs before it begin; null where damage hides them
 */
record LogPoint(
    long offset, long readings, long epoch, long appendTimeNanos, List<EpochStart> epochs) {

  /** The beginning of a log, before which records may have been deleted. */
  static LogPoint beginning(long offset) {
    return offset == 0
        ? new LogPoint(0, 0, 0, Long.MIN_VALUE, List.of())
        : new LogPoint(offset, DamagedRange.READINGS_UNKNOWN, 0, Long.MIN_VALUE, null);
  }

  LogPoint with(LogRecord record, int epochsMax) {
    EpochStart start = new EpochStart(record.epoch(), record.offset(), record.readingsBefore());
    return new LogPoint(
        record.nextOffset(),
        record.readingsAfter(),
        record.epoch(),
        record.appendTimeNanos(),
        epochs == null ? null : PartitionEpochs.with(epochs, start, epochsMax));
  }

  LogPoint with(DamagedRange lost) {
    boolean counted = readings != DamagedRange.READINGS_UNKNOWN && lost.readings() >= 0;
    return new LogPoint(
        lost.nextOffset(),
        counted ? readings + lost.readings() : DamagedRange.READINGS_UNKNOWN,
        0,
        Long.MIN_VALUE,
        null);
  }
}
