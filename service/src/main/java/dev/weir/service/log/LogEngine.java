package dev.weir.service.log;

import dev.weir.v1.Durability;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A store of partitions, opened by its {@link LogEngineProvider}. Thread-safe. */
public interface LogEngine extends AutoCloseable {
  /** Name for people, such as "segment". */
  String name();

  /**
   * The same store for partitions of one durability that the engine offers; an engine that offers
   * one only gives itself. Who opened the engine closes it, and nobody closes this.
   */
  default LogEngine withDurability(Durability durability) {
    return this;
  }

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
    // Nothing is left if partitions are made at once.
  }

  /**
   * An epoch for a partition that another engine keeps, greater than all that it had. Only the
   * engine of the system partition is asked. Blocks.
   */
  default long newEpoch(PartitionId id) throws IOException {
    throw new UnsupportedOperationException("the engine " + name() + " keeps no epochs");
  }

  /** The tasks that the engine wants run again and again while it is open. */
  default List<BackgroundTask> background() {
    return List.of();
  }

  /** Returns the health of the store. Any thread; does not block. */
  default Health health() {
    return Health.UNBOUNDED;
  }

  @Override
  void close() throws IOException;

  /**
   * A task that is run again and again.
   *
   * @param period the time from the end of one run to the begin of the next, about
   * @param blocks whether it may block on the store. Then two threads are there for such tasks, so
   *     that one run goes on while another hangs, and a run is left out while both hang
   * @param task must not throw
   */
  record BackgroundTask(Duration period, boolean blocks, Runnable task) {}

  /**
   * The health of a store.
   *
   * @param freeBytes bytes that it can still grow by; Long.MAX_VALUE where nobody knows
   * @param full whether publishers are refused because the store is nearly full
   * @param checkedBytes bytes whose checksums claims have verified so far
   */
  record Health(long freeBytes, boolean full, long checkedBytes) {
    /** The health of a store that knows no bound. */
    public static final Health UNBOUNDED = new Health(Long.MAX_VALUE, false, 0);
  }
}
