package dev.weir.service.log;

/**
 * Something in a store that is not as it was written, or does not fit the rest. Immutable.
 *
 * @param kind what is wrong
 * @param partition where; null for the store itself
 * @param range the records that are lost; null where none are
 * @param place the file, with its bytes where they are known
 * @param text what it is and what it costs, for the operator
 */
public record Flaw(
    Kind kind, PartitionId partition, DamagedRange range, String place, String text) {
  /** The kind of the flaw. */
  public enum Kind {
    /** Records that were stored cannot be read. */
    RECORDS,
    /** A segment's header is damaged, or does not fit the records around it. */
    SEGMENT_HEADER,
    /** A slot of the watermark is damaged, or does not fit the log. */
    WATERMARK,
    /** A checkpoint is damaged, or not of this log. */
    CHECKPOINT,
    /** A copy of the start number is damaged, or older than the log. */
    START_NUMBER,
    /** Records that verify do not follow each other as they must. */
    ORDER,
    /** A batch does not fit its header or the sensors. */
    CONTENT,
    /** The contents of a checkpoint differ from what the records before it make. */
    FOLD,
    /** A committed cursor points to nothing. */
    CURSOR,
    /** A file or a partition is not there. */
    MISSING,
    /** A partition whose files cannot be made sense of; a server would refuse it. */
    UNUSABLE,
    /**
     * Bytes that a crash left unsynced and torn behind the last whole record; the next start cuts
     * them.
     */
    TORN_TAIL,
    /** A file that nothing needs; what a crash left of one goes with the next start. */
    LEFTOVER;

    /** Returns whether it is damage, against something that a crash leaves and a start mends. */
    public boolean damage() {
      return this != TORN_TAIL && this != LEFTOVER;
    }
  }
}
