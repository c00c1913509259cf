package dev.weir.service.log;

import java.io.IOException;
import java.util.Set;

/** A store of partitions. Thread-safe. */
public interface LogEngine extends AutoCloseable {
  /** Name for people, such as "segment". */
  String name();

  /**
   * Becomes the one owner of a partition, under a new epoch. Recovers first: what was committed is
   * readable and durable when this returns, and so is the partition itself where it is made.
   * Blocks.
   *
   * @param mayMake whether it is made where there is none; false for one that was made before, so
   *     that what is gone is not taken for what never was. The system partition is made only in a
   *     store that was never used
   * @throws DataLossException if the partition cannot be served without silently losing data
   * @throws IOException if the store cannot be used
   */
  PartitionLog claim(PartitionId id, boolean mayMake) throws IOException;

  /**
   * Deletes a partition with all it stored; one that is not there is deleted already. Claiming it
   * later begins an empty one. A crash leaves all of it or nothing. Blocks.
   *
   * @throws IllegalStateException if the partition is claimed and not closed
   * @throws IOException if the store cannot delete it; may be tried again
   */
  void delete(PartitionId id) throws IOException;

  /**
   * Deletes partitions of logs that there are not and that hold no record: a crash left them while
   * they were made. What holds records stays, and its operator is told. Blocks.
   *
   * @param logs those that there are
   */
  default void sweep(Set<String> logs) {
    // Where partitions are made at once, nothing is left.
  }

  @Override
  void close() throws IOException;
}
