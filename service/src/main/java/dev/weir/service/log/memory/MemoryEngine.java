package dev.weir.service.log.memory;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.EpochSource;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Partitions in memory. Thread-safe; owns who has claimed what, and nothing outlives a claim: the
 * next one begins at offset 0 under its new epoch.
 */
public final class MemoryEngine implements LogEngine {
  private final EpochSource epochs;
  private final long bytesMax;
  private final MemoryLogBudget budget;
  private final Set<PartitionId> taken = new HashSet<>(); // guarded by this

  /**
   * Makes an engine.
   *
   * @param epochs makes each claim's epoch
   * @param bytesMax bytes that a partition holds before its oldest records go, until {@link
   *     PartitionLog#retain} says otherwise; its newest record always stays
   * @param together what all partitions may hold together before those that hold most drop their
   *     oldest records
   */
  public MemoryEngine(EpochSource epochs, long bytesMax, Budget together) {
    this.epochs = epochs;
    this.bytesMax = bytesMax;
    this.budget = new MemoryLogBudget(together);
  }

  @Override
  public String name() {
    return MemoryEngineProvider.NAME;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the partition is claimed and not closed
   */
  @Override
  public PartitionLog claim(PartitionId id, boolean mayMake) throws IOException {
    synchronized (this) {
      if (!taken.add(id)) {
        throw new IllegalStateException(id + " is claimed already");
      }
    }
    try {
      var log = new MemoryLog(id, epochs.newEpoch(id), bytesMax, budget, () -> release(id));
      budget.join(log);
      return log;
    } catch (IOException | RuntimeException e) {
      release(id);
      throw e;
    }
  }

  private synchronized void release(PartitionId id) {
    taken.remove(id);
  }

  @Override
  public synchronized void delete(PartitionId id) {
    if (taken.contains(id)) {
      throw new IllegalStateException(id + " is claimed");
    }
  }

  @Override
  public synchronized void close() {
    taken.clear();
  }
}
