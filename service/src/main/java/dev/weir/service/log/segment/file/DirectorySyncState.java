package dev.weir.service.log.segment.file;

import java.io.IOException;
import java.io.SyncFailedException;

/**
 * Remembers whether the names in a partition's directory survive a power cut. Thread-safe. Where a
 * start changed nothing, that is made sure of when it matters first: before the first append and
 * the first deletion.
 */
public final class DirectorySyncState {
  private final PartitionDirectory directory;
  private boolean durable; // guarded by this, as the next
  private SyncFailedException failed;

  public DirectorySyncState(PartitionDirectory directory, boolean durable) {
    this.directory = directory;
    this.durable = durable;
  }

  /**
   * Refuses to go on behind a failed sync: a later one may succeed falsely.
   *
   * @throws SyncFailedException if one failed
   */
  public synchronized void check() throws SyncFailedException {
    if (failed != null) {
      throw failed;
    }
  }

  /** The directory was synced. */
  public synchronized void areDurable() {
    durable = true;
  }

  /**
   * Syncs the directory unless that was done.
   *
   * @throws SyncFailedException if that failed, now or before: a sync behind it may succeed falsely
   * @throws dev.weir.common.file.TooManyFilesException if it could not be tried
   */
  public synchronized void ensure() throws IOException {
    check();
    if (!durable) {
      try {
        directory.syncNames();
      } catch (SyncFailedException e) {
        failed = e;
        throw e;
      }
      durable = true;
    }
  }
}
