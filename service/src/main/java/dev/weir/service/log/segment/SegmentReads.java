package dev.weir.service.log.segment;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.segment.read.BlockCache;
import dev.weir.service.log.segment.read.FilePool;
import java.io.Closeable;

/**
 * What those who read segments share. Thread-safe.
 *
 * @param blocks parts of segments in memory
 * @param files open files
 * @param indexes indexes of sealed segments
 * @param activeIndexes room for those of segments that are appended to
 */
record SegmentReads(BlockCache blocks, FilePool files, IndexCache indexes, IndexRoom activeIndexes)
    implements Closeable {

  /**
   * Holds nothing yet.
   *
   * @param memory bytes of blocks and indexes
   * @param openFiles files that are open
   */
  static SegmentReads of(Files files, SegmentOptions options, Budget memory, Budget openFiles) {
    return new SegmentReads(
        new BlockCache(memory),
        new FilePool(files::openForReading, openFiles),
        new IndexCache(options.indexedSegmentsMax(), memory),
        new IndexRoom(memory));
  }

  /** Of one who reads alone, for as long as that takes. */
  static SegmentReads alone(Files files, SegmentOptions options) {
    return of(
        files,
        options,
        new Budget("blocks of one reader", 1 << 24),
        new Budget("files of one reader", "files", () -> 1L << 10));
  }

  /** Gives back what was not used for some seconds; called about once a second. */
  void tick() {
    blocks.tick();
    files.tick();
  }

  @Override
  public void close() {
    blocks.close();
    files.close();
    indexes.close();
  }
}
