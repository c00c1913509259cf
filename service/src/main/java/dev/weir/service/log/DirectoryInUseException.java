package dev.weir.service.log;

import java.io.IOException;
import java.nio.file.Path;

/** Another process has the data directory; the message says what to do. */
public final class DirectoryInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * @param lockFile the file in the directory that the other process has locked
   */
  public DirectoryInUseException(Path dataDir, Path lockFile) {
    super(
        "the data directory "
            + dataDir
            + " is in use by another Weir process (it holds "
            + lockFile
            + "): stop that process, or choose another directory with --data");
  }
}
