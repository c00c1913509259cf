package dev.weir.service.log.segment.file;

/**
 * The engine's bounds. Immutable.
 *
 * @param segmentBytes bytes of a segment file before a new one is started; only a commit round that
 *     is larger alone makes a larger file
 * @param indexIntervalBytes file bytes between two entries of a segment's index in memory
 * @param indexedSegmentsMax sealed segments of all partitions whose index is kept in memory; the
 *     least recently used is dropped and built again when needed
 * @param readBufferBytes bytes a reader reads ahead
 * @param stagingBytes bytes of the buffer, one per appending thread, through which rounds are
 *     written
 * @param recordBytesMax bytes of one record with its header; a larger one is refused
 * @param epochsMax newest epochs of a partition whose beginnings are remembered
 * @param unsyncedBytesMax bytes that a partition which is synced in the background has written and
 *     not synced, beyond which an append waits for its sync
 * @param checksums whether records are verified when they are read; false only to show what audits
 *     see
 * @param reserveBytes what publishers may not take of the disk; 0 for nothing
 * @param sharedBlocks whether readers share what is in memory; false only to show what the budget
 *     is for: each then keeps {@code readBufferBytes} of its own
 * @param activeFilesMax partitions that keep the file open that they append to; beyond, each append
 *     to one that has closed it opens it again
 */
public record SegmentOptions(
    long segmentBytes,
    int indexIntervalBytes,
    int indexedSegmentsMax,
    int readBufferBytes,
    int stagingBytes,
    int recordBytesMax,
    int epochsMax,
    long unsyncedBytesMax,
    boolean checksums,
    long reserveBytes,
    boolean sharedBlocks,
    int activeFilesMax) {

  public SegmentOptions {
    require("segmentBytes", segmentBytes, 1_024, 1L << 40);
    require("indexIntervalBytes", indexIntervalBytes, 1, 1 << 30);
    require("indexedSegmentsMax", indexedSegmentsMax, 1, 1_000_000);
    require("readBufferBytes", readBufferBytes, 1_024, 1 << 30);
    require("stagingBytes", stagingBytes, 1_024, 1 << 30);
    require("recordBytesMax", recordBytesMax, 1_024, 1 << 30);
    require("epochsMax", epochsMax, 1, 10_000);
    require("unsyncedBytesMax", unsyncedBytesMax, 0, 1L << 40);
    require("reserveBytes", reserveBytes, 0, 1L << 50);
    require("activeFilesMax", activeFilesMax, 1, 100_000_000);
  }

  /** With 16 MiB unsynced, with checksums, no reserve, and 65,536 active files. */
  public SegmentOptions(
      long segmentBytes,
      int indexIntervalBytes,
      int indexedSegmentsMax,
      int readBufferBytes,
      int stagingBytes,
      int recordBytesMax,
      int epochsMax) {
    this(
        segmentBytes,
        indexIntervalBytes,
        indexedSegmentsMax,
        readBufferBytes,
        stagingBytes,
        recordBytesMax,
        epochsMax,
        1 << 24,
        true,
        0,
        true,
        1 << 16);
  }

  /** 64 MiB segments, 64 KiB index steps, 1,024 indexes, 256 KiB ahead, 1 MiB staging, 256 MiB. */
  public static SegmentOptions defaults() {
    return new SegmentOptions(1 << 26, 1 << 16, 1_024, 1 << 18, 1 << 20, 1 << 28, 1_000);
  }

  /** The same with another size of segments. */
  public SegmentOptions withSegmentBytes(long bytes) {
    return with(bytes, unsyncedBytesMax, checksums, reserveBytes, sharedBlocks, activeFilesMax);
  }

  /** The same with other bytes that may be unsynced. */
  public SegmentOptions withUnsyncedBytesMax(long bytes) {
    return with(segmentBytes, bytes, checksums, reserveBytes, sharedBlocks, activeFilesMax);
  }

  /** The same, taking records for what they are. */
  public SegmentOptions withoutChecksums() {
    return with(segmentBytes, unsyncedBytesMax, false, reserveBytes, sharedBlocks, activeFilesMax);
  }

  /** The same, each reader with a buffer of its own. */
  public SegmentOptions withoutSharedBlocks() {
    return with(segmentBytes, unsyncedBytesMax, checksums, reserveBytes, false, activeFilesMax);
  }

  /** The same, keeping some of the disk. */
  public SegmentOptions withReserveBytes(long bytes) {
    return with(segmentBytes, unsyncedBytesMax, checksums, bytes, sharedBlocks, activeFilesMax);
  }

  /** The same with another number of files that partitions keep open to append to. */
  public SegmentOptions withActiveFilesMax(int files) {
    return with(segmentBytes, unsyncedBytesMax, checksums, reserveBytes, sharedBlocks, files);
  }

  private SegmentOptions with(
      long newSegmentBytes,
      long newUnsyncedBytesMax,
      boolean newChecksums,
      long newReserveBytes,
      boolean newSharedBlocks,
      int newActiveFilesMax) {
    return new SegmentOptions(
        newSegmentBytes,
        indexIntervalBytes,
        indexedSegmentsMax,
        readBufferBytes,
        stagingBytes,
        recordBytesMax,
        epochsMax,
        newUnsyncedBytesMax,
        newChecksums,
        newReserveBytes,
        newSharedBlocks,
        newActiveFilesMax);
  }

  private static void require(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected " + min + " to " + max + ")");
    }
  }
}
