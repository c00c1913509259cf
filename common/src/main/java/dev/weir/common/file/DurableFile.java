package dev.weir.common.file;

import java.io.IOException;
import java.nio.file.Path;

/** Replaces whole files so that a crash leaves the old one or the new one. Stateless. */
public final class DurableFile {
  /** Writes the bytes of a new file. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it; syncing is the caller's. */
    void writeTo(DataFile file) throws IOException;
  }

  private DurableFile() {}

  /**
   * Replaces a file, or makes it, durably. A failure before the new file has its name leaves the
   * old one as it was, and no temporary file, which would take the space that a full disk needs.
   *
   * @param path the file; its directory exists
   * @param temporary another path of the same directory, where the new file is written first
   * @throws IOException if the disk fails; behind a failed sync of the directory nobody knows which
   *     of the two a crash leaves
   */
  public static void replace(DataFiles files, Path path, Path temporary, Content content)
      throws IOException {
    files.delete(temporary);
    try {
      try (DataFile file = files.open(temporary)) {
        content.writeTo(file);
        file.sync(true);
      }
      files.rename(temporary, path);
    } catch (IOException | RuntimeException e) {
      deleteAfter(e, files, temporary);
      throw e;
    }
    files.syncDirectory(path.getParent());
  }

  private static void deleteAfter(Exception failed, DataFiles files, Path temporary) {
    try {
      files.delete(temporary);
    } catch (IOException e) {
      failed.addSuppressed(e);
    }
  }
}
