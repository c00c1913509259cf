package dev.weir.service.log.segment.file;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.TooManyFilesException;
import dev.weir.service.core.budget.Budget;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The way to the disk, with an account of the files that are open for writing; those that are open
 * for reading are counted by who reads. Thread-safe.
 */
public final class CountedFiles implements DataFiles {
  private final DataFiles disk;
  private final Budget budget;

  /**
   * The same way with an account.
   *
   * @param budget of files and connections that the process has open
   */
  public CountedFiles(DataFiles disk, Budget budget) {
    this.disk = disk;
    this.budget = budget;
  }

  /**
   * {@inheritDoc}
   *
   * @throws TooManyFilesException also where the budget has none left
   */
  @Override
  public DataFile open(Path path) throws IOException {
    if (!budget.tryTake(1)) {
      throw new TooManyFilesException(
          path
              + " cannot be opened: "
              + budget.name()
              + " ("
              + budget.max()
              + ") is reached; close connections or raise the limit",
          null);
    }
    boolean opened = false;
    try {
      DataFile file = new CountedFile(disk.open(path), budget);
      opened = true;
      return file;
    } finally {
      if (!opened) {
        budget.giveBack(1);
      }
    }
  }

  @Override
  public DataFile openForReading(Path path) throws IOException {
    return disk.openForReading(path);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    disk.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    disk.delete(path);
  }

  @Override
  public long freeBytes(Path directory) throws IOException {
    return disk.freeBytes(directory);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    disk.syncDirectory(directory);
  }

  @Override
  public boolean fewLeft() {
    return budget.isNearlyUsed() || disk.fewLeft();
  }

  @Override
  public Closeable lock(Path path) throws IOException {
    return disk.lock(path);
  }

  /** A file that is counted until it is closed. As that file. */
  private static final class CountedFile implements DataFile {
    private final DataFile file;
    private final Budget budget;
    private final AtomicBoolean closed = new AtomicBoolean();

    CountedFile(DataFile file, Budget budget) {
      this.file = file;
      this.budget = budget;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      return file.read(into, position);
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      file.write(from, position);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      file.truncate(bytes);
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      file.sync(metadata);
    }

    @Override
    public void close() throws IOException {
      try {
        file.close();
      } finally {
        if (closed.compareAndSet(false, true)) {
          budget.giveBack(1);
        }
      }
    }
  }
}
