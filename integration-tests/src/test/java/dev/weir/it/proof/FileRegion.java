package dev.weir.it.proof;

import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import java.nio.file.Path;

/**
 * Bytes of one file of a data directory that serve one purpose. Immutable.
 *
 * @param purpose what they are for
 * @param path the file
 * @param from the first byte
 * @param to the first byte after it
 * @param partition the partition they belong to; null for none
 * @param record the record they belong to; null for none
 */
record FileRegion(
    String purpose, Path path, int from, int to, PartitionId partition, LogRecord record) {
  @Override
  public String toString() {
    return purpose + " at " + path + " bytes " + from + " to " + to;
  }
}
