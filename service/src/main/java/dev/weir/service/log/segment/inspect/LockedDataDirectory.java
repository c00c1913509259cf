package dev.weir.service.log.segment.inspect;

import dev.weir.common.file.DataFiles;
import dev.weir.service.log.DirectoryInUseException;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.file.PartitionDirectory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A data directory that nobody uses, to be checked: its lock is held until it is closed, so that no
 * server starts on it meanwhile, and nothing in it is changed. Thread-safe.
 */
public final class LockedDataDirectory implements Closeable {
  private final Path dataDir;
  private final DataFiles files;
  private final Closeable lock;

  private LockedDataDirectory(Path dataDir, DataFiles files, Closeable lock) {
    this.dataDir = dataDir;
    this.files = files;
    this.lock = lock;
  }

  /**
   * Takes a directory that a server has used. Without a lock file, as in a copy, nobody can be
   * using it, and none is made.
   *
   * @throws DirectoryInUseException if a process has it
   */
  public static LockedDataDirectory open(Path dataDir, DataFiles files) throws IOException {
    if (!files.list(dataDir).contains(PartitionDirectory.LOCK_NAME)) {
      return new LockedDataDirectory(dataDir, files, () -> {});
    }
    Path lockFile = dataDir.resolve(PartitionDirectory.LOCK_NAME);
    Closeable lock = files.lock(lockFile);
    if (lock == null) {
      throw new DirectoryInUseException(dataDir, lockFile);
    }
    return new LockedDataDirectory(dataDir, files, lock);
  }

  /** Its partitions, the system's first. */
  public List<InspectedPartition> partitions() throws IOException {
    return InspectedPartition.all(dataDir, files);
  }

  /** Where a partition's files are. */
  public Path path(PartitionId partition) {
    return PartitionDirectory.of(files, dataDir, partition).path();
  }

  /**
   * Checks the start number.
   *
   * @param newestEpoch the greatest epoch of any partition; 0 for none
   */
  public void checkStart(long newestEpoch, Consumer<? super Flaw> flaws) throws IOException {
    StartNumberCheck.check(files, dataDir, newestEpoch, flaws);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
