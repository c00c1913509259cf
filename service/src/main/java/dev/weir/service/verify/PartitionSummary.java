package dev.weir.service.verify;

import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.log.PartitionId;

/**
 * A summary of a partition. Immutable.
 *
 * @param id which
 * @param topic its topic's name; empty for the system partition, and where no topic has it
 * @param range its offsets, readings and epochs
 * @param records records that verify
 * @param damaged whether stored records cannot be read
 */
public record PartitionSummary(
    PartitionId id, String topic, LogRange range, long records, boolean damaged) {}
