package dev.weir.service.log.segment.inspect;

import dev.weir.common.file.DataFiles;
import dev.weir.service.log.DirectoryInUseException;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogInspection;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.file.PartitionDirectory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** A data directory that somebody looks into; nothing in it is changed. Thread-safe. */
public final class InspectedDataDirectory implements LogInspection {
  private final Path dataDir;
  private final DataFiles files;
  private final Closeable lock;

  private InspectedDataDirectory(Path dataDir, DataFiles files, Closeable lock) {
    this.dataDir = dataDir;
    this.files = files;
    this.lock = lock;
  }

  /** Opens a directory without its lock: a server may be running on it. */
  public static InspectedDataDirectory open(Path dataDir, DataFiles files) {
    return new InspectedDataDirectory(dataDir, files, () -> {});
  }

  /**
   * Takes a directory that a server has used: its lock is held until it is closed, so that no
   * server starts on it meanwhile. Without a lock file, as in a copy, nobody can be using it, and
   * none is made.
   *
   * @throws DirectoryInUseException if a process has it
   */
  public static InspectedDataDirectory locked(Path dataDir, DataFiles files) throws IOException {
    if (!files.list(dataDir).contains(PartitionDirectory.LOCK_NAME)) {
      return open(dataDir, files);
    }
    Path lockFile = dataDir.resolve(PartitionDirectory.LOCK_NAME);
    Closeable lock = files.lock(lockFile);
    if (lock == null) {
      throw new DirectoryInUseException(dataDir, lockFile);
    }
    return new InspectedDataDirectory(dataDir, files, lock);
  }

  @Override
  public List<InspectedPartition> partitions() throws IOException {
    return InspectedPartitionFiles.all(dataDir, files);
  }

  @Override
  public String place(PartitionId partition) {
    return PartitionDirectory.of(files, dataDir, partition).path().toString();
  }

  /** {@inheritDoc} That is the start number. */
  @Override
  public void checkStart(long newestEpoch, Consumer<? super Flaw> flaws) throws IOException {
    StartNumberCheck.check(files, dataDir, newestEpoch, flaws);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
