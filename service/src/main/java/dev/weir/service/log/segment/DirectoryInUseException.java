package dev.weir.service.log.segment;

import java.io.IOException;
import java.nio.file.Path;

/** Another process has the data directory; the message says what to do. */
public final class DirectoryInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  DirectoryInUseException(Path dataDir) {
    super(
        "the data directory "
            + dataDir
            + " is in use by another Weir process (it holds "
            + dataDir.resolve(SegmentEngine.LOCK_NAME)
            + "): stop that process, or choose another directory with --data");
  }
}
