package dev.weir.service.log;

import java.io.IOException;

/** A store of partitions. Thread-safe. */
public interface LogEngine extends AutoCloseable {
  /** Name for people, such as "segment". */
  String name();

  /**
   * Becomes the one owner of a partition, under a new epoch, creating it where it is missing.
   * Recovers first: what was committed is readable and durable when this returns. Blocks.
   *
   * @throws DataLossException if the partition cannot be served without silently losing data
   * @throws IOException if the store cannot be used
   */
  PartitionLog claim(PartitionId id) throws IOException;

  /**
   * Deletes a partition with all it stored; one that is not there is deleted already. Claiming it
   * later begins an empty one. A crash leaves all of it or nothing. Blocks.
   *
   * @throws IllegalStateException if the partition is claimed and not closed
   * @throws IOException if the store cannot delete it; may be tried again
   */
  void delete(PartitionId id) throws IOException;

  @Override
  void close() throws IOException;
}
