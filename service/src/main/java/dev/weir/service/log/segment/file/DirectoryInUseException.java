package dev.weir.service.log.segment.file;

import java.io.IOException;
import java.nio.file.Path;

/** Another process has the data directory; the message says what to do. */
public final class DirectoryInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  /** The file in a data directory that is locked by the process that uses the directory. */
  public static final String LOCK_NAME = "lock";

  public DirectoryInUseException(Path dataDir) {
    super(
        "the data directory "
            + dataDir
            + " is in use by another Weir process (it holds "
            + dataDir.resolve(LOCK_NAME)
            + "): stop that process, or choose another directory with --data");
  }
}
