package dev.weir.service.log.segment.file;

import dev.weir.service.log.PartitionId;

/**
 * Something an operator should know about a partition's files. Immutable.
 *
 * @param kind what happened
 * @param partition where
 * @param text one line with file, offsets and counts
 */
public record SegmentEvent(Kind kind, PartitionId partition, String text) {
  /** The event, with what it means for the data. */
  public enum Kind {
    /** Records that were synced cannot be read; they are served as a damaged range. */
    DATA_LOSS,
    /** A segment's header cannot be read; its records can. */
    HEADER_DAMAGED,
    /** A record that a crash left half-written behind the last synced one was cut away. */
    TORN_TAIL,
    /** A checkpoint was damaged, ahead of the log or of another history; another one is used. */
    CHECKPOINT_DISCARDED,
    /** Something is there that no topic has; it is left, and told by each start. */
    LEFTOVER,
    /** The watermark file could not be written; tried again at each tick, and told once. */
    WATERMARK_FAILED,
    /** A sync or a cut failed: the partition takes no more appends until the process restarts. */
    POISONED,
    /**
     * What is left of the disk is kept for upkeep: nothing more is published until some is freed.
     */
    DISK_FULL,
    /** There is space again; publishing goes on. */
    DISK_FREED
  }

  /** Returns whether data or service were lost, against something that mended itself. */
  public boolean severe() {
    return switch (kind) {
      case DATA_LOSS, HEADER_DAMAGED, POISONED, DISK_FULL -> true;
      case TORN_TAIL, CHECKPOINT_DISCARDED, LEFTOVER, WATERMARK_FAILED, DISK_FREED -> false;
    };
  }
}
