package dev.weir.service.log;

import dev.weir.service.core.cursor.LogRange;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** A partition that is looked at without claiming it or changing anything. Immutable. */
public interface InspectedPartition {
  /** Returns the id of the partition. */
  PartitionId id();

  /**
   * Returns whether it was made: false for the place of one that a crash left while it was made.
   */
  boolean made() throws IOException;

  /**
   * Gives everything from the log's beginning to its end, in order, verified. What a running server
   * deletes meanwhile is left out. Blocks.
   *
   * @param to called on the caller's thread; what it throws ends the listing
   * @throws DataLossException if nothing can be told any more
   */
  void forEach(Consumer<? super InspectedItem> to) throws IOException;

  /**
   * Checks all that the store keeps of the partition and reads every record. Nobody may use the
   * store meanwhile. Blocks.
   *
   * @param flaws told of everything that is wrong, in the order in which it is found
   * @param records takes everything from the log's beginning to its end
   * @return null where nothing of it can be used; a flaw says why
   * @throws IOException if it cannot be read, or a newer Weir wrote it
   */
  Checked check(Consumer<? super Flaw> flaws, Records records) throws IOException;

  /** A receiver of a partition's records. */
  interface Records {
    /**
     * Makes the one who is then given everything in order.
     *
     * @param range what the log holds, as far as is known before its records are read
     * @param checkpoints those that are usable, newest first
     * @throws IOException if they cannot be made sense of
     */
    Consumer<? super InspectedItem> begin(LogRange range, List<Checkpoint> checkpoints)
        throws IOException;
  }

  /**
   * The findings of an inspection of one partition. Immutable.
   *
   * @param range offsets, readings and epochs
   * @param newestEpoch the greatest epoch that anything of it names; 0 for none
   */
  record Checked(LogRange range, long newestEpoch) {}
}
