package dev.weir.service.log;

import dev.weir.service.core.Slice;

/**
 * A stored batch with its header and the sensor definitions it introduced: the unit of offset.
 * Immutable.
 *
 * @param offset ordinal in the partition, from 0
 * @param epoch the partition's epoch that stored it
 * @param appendTimeNanos the server's clock, Unix nanoseconds; never decreasing in a partition
 * @param type what the record is
 * @param producer the producer's id; empty for an anonymous batch
 * @param producerEpoch the producer's epoch; 0 for an anonymous batch
 * @param sequence the batch's sequence; 0 where it has none; PRODUCER_EPOCH: the producer's last
 *     sequence, so that the record is complete by itself
 * @param readingsBefore readings in the partition before this record since its beginning
 * @param readings readings of this record
 * @param eventTimeMinNanos least event time; meaningless without readings
 * @param eventTimeMaxNanos greatest event time; meaningless without readings
 * @param definitions a serialized {@code weir.v1.Sensors} with ids; empty for none
 * @param batch a serialized {@code weir.v1.Batch} in canonical form (SYSTEM: an event); may be
 *     empty
 */
public record LogRecord(
    long offset,
    long epoch,
    long appendTimeNanos,
    RecordType type,
    String producer,
    long producerEpoch,
    long sequence,
    long readingsBefore,
    int readings,
    long eventTimeMinNanos,
    long eventTimeMaxNanos,
    Slice definitions,
    Slice batch)
    implements LogItem {

  @Override
  public long nextOffset() {
    return offset + 1;
  }

  /** The same record with an empty batch. */
  public LogRecord withoutBatch() {
    return new LogRecord(
        offset,
        epoch,
        appendTimeNanos,
        type,
        producer,
        producerEpoch,
        sequence,
        readingsBefore,
        readings,
        eventTimeMinNanos,
        eventTimeMaxNanos,
        definitions,
        Slice.EMPTY);
  }

  /** Readings in the partition up to and with this record. */
  public long readingsAfter() {
    return readingsBefore + readings;
  }
}
