package dev.weir.faultinjection;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.ForwardingDataFile;
import dev.weir.common.file.ForwardingDataFiles;
import java.io.IOException;
import java.nio.file.Path;

/** The way to the disk, on which nothing is ever synced. Thread-safe. */
public final class UnsyncedFiles extends ForwardingDataFiles {
  public UnsyncedFiles(DataFiles disk) {
    super(disk);
  }

  @Override
  public DataFile open(Path path) throws IOException {
    return new UnsyncedFile(disk.open(path));
  }

  @Override
  public void syncDirectory(Path directory) {
    // That is the fault.
  }

  private static final class UnsyncedFile extends ForwardingDataFile {
    UnsyncedFile(DataFile file) {
      super(file);
    }

    @Override
    public void sync(boolean metadata) {
      // That is the fault.
    }
  }
}
