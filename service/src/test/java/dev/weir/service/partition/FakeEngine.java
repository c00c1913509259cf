package dev.weir.service.partition;

import dev.weir.service.log.DataLossException;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Partitions in memory that outlive their claims. Owned by one test. */
public final class FakeEngine implements LogEngine {
  private static final int RANDOM_BITS = 16;

  private final Map<PartitionId, FakeLogDisk> disks = new HashMap<>();
  private final Map<PartitionId, FakeLog> claimed = new HashMap<>();
  private PartitionId failing;
  private IOException failure;
  private boolean deletionFails;
  private Error deletionDefect;
  private long starts;

  /** Another start of the process: nothing is claimed. */
  public void restart() {
    starts++;
    claimed.clear();
  }

  /** The next claim of a partition fails. */
  public void failClaim(PartitionId id) {
    failClaim(id, new IOException("claim fails on purpose"));
  }

  /** The same, for a reason. */
  public void failClaim(PartitionId id, IOException why) {
    failing = id;
    failure = why;
  }

  /** The present claim of a partition. */
  public FakeLog log(PartitionId id) {
    return claimed.get(id);
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public PartitionLog claim(PartitionId id, boolean mayMake) throws IOException {
    if (id.equals(failing)) {
      failing = null;
      throw failure;
    }
    if (!mayMake && !disks.containsKey(id)) {
      throw new DataLossException(id + " is not there");
    }
    FakeLog before = claimed.get(id);
    if (before != null && !before.isClosed()) {
      throw new IllegalStateException(id + " is claimed already");
    }
    FakeLog log =
        new FakeLog(disks.computeIfAbsent(id, key -> new FakeLogDisk()), ++starts << RANDOM_BITS);
    claimed.put(id, log);
    return log;
  }

  /** The next deletion fails. */
  public void failDelete() {
    deletionFails = true;
  }

  /** The next deletion ends in something that is no exception. */
  public void deleteEndsIn(Error defect) {
    deletionDefect = defect;
  }

  /** The partitions that are there. */
  public Set<PartitionId> partitions() {
    return Set.copyOf(disks.keySet());
  }

  /** Returns whether anything of a partition is stored. */
  public boolean holds(PartitionId id) {
    return disks.containsKey(id);
  }

  @Override
  public void delete(PartitionId id) throws IOException {
    if (deletionFails) {
      deletionFails = false;
      throw new IOException("deletion fails on purpose");
    }
    if (deletionDefect != null) {
      Error defect = deletionDefect;
      deletionDefect = null;
      throw defect;
    }
    FakeLog log = claimed.get(id);
    if (log != null && !log.isClosed()) {
      throw new IllegalStateException(id + " is claimed");
    }
    disks.remove(id);
  }

  @Override
  public void close() {
    claimed.clear();
  }
}
