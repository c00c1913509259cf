package dev.weir.service.log;

/** One thing that a partition holds, for those who only look. */
public sealed interface InspectedItem {
  /**
   * A record that verifies.
   *
   * @param record the record
   * @param checksum CRC32C of its batch
   * @param bytes its bytes on disk, with its header
   * @param place file and bytes
   */
  record Stored(LogRecord record, int checksum, long bytes, String place)
      implements InspectedItem {}

  /**
   * Records that were stored and cannot be read.
   *
   * @param range which
   */
  record Damaged(DamagedRange range) implements InspectedItem {}

  /**
   * The end of the last file that is not, or not yet, known to be stored: recovery would cut it, or
   * a running server is writing it.
   *
   * @param bytes how much
   * @param records whole records in it
   * @param place file and bytes
   */
  record Torn(long bytes, long records, String place) implements InspectedItem {}
}
