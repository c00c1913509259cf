package dev.weir.service.log.segment.read;

import dev.weir.common.file.DataFiles;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.segment.file.SegmentIndexMemory;
import dev.weir.service.log.segment.file.SegmentOptions;
import java.io.Closeable;

/**
 * What those who read segments share. Thread-safe.
 *
 * @param blocks parts of segments in memory
 * @param files open files
 * @param indexes indexes of sealed segments
 * @param activeIndexes room for those of segments that are appended to
 */
public record SegmentReadCaches(
    BlockCache blocks, FilePool files, SegmentIndexCache indexes, SegmentIndexMemory activeIndexes)
    implements Closeable {

  /**
   * Holds nothing yet.
   *
   * @param memory bytes of blocks and indexes
   * @param openFiles files that are open
   */
  public static SegmentReadCaches of(
      DataFiles files, SegmentOptions options, Budget memory, Budget openFiles) {
    return new SegmentReadCaches(
        new BlockCache(memory),
        new FilePool(files::openForReading, openFiles),
        new SegmentIndexCache(options.indexedSegmentsMax(), memory),
        new SegmentIndexMemory(memory));
  }

  /** Of one who reads alone, for as long as that takes. */
  public static SegmentReadCaches alone(DataFiles files, SegmentOptions options) {
    return of(
        files,
        options,
        new Budget("blocks of one reader", 1 << 24),
        new Budget("files of one reader", "files", () -> 1L << 10));
  }

  /** Gives back what was not used for some seconds; called about once a second. */
  public void tick() {
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
