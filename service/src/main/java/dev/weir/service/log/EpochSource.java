package dev.weir.service.log;

import java.io.IOException;

/** Hands out epochs that only grow, also over restarts. Thread-safe. */
public interface EpochSource {
  /** An epoch for the next claim of a partition, greater than all that it had. Blocks. */
  long newEpoch(PartitionId id) throws IOException;
}
