package dev.weir.service.log.segment.file;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.ForwardingDataFile;
import dev.weir.common.file.ForwardingDataFiles;
import dev.weir.common.file.TooManyFilesException;
import dev.weir.service.core.budget.Budget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The way to the disk, with an account of the files that are open for writing; those that are open
 * for reading are counted by who reads. Thread-safe.
 */
public final class CountedFiles extends ForwardingDataFiles {
  private final Budget budget;

  /**
   * The same way with an account.
   *
   * @param budget of files and connections that the process has open
   */
  public CountedFiles(DataFiles disk, Budget budget) {
    super(disk);
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
  public boolean fewLeft() {
    return budget.isNearlyUsed() || disk.fewLeft();
  }

  /** A file that is counted until it is closed. As that file. */
  private static final class CountedFile extends ForwardingDataFile {
    private final Budget budget;
    private final AtomicBoolean closed = new AtomicBoolean();

    CountedFile(DataFile file, Budget budget) {
      super(file);
      this.budget = budget;
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
