package dev.weir.common.file;

import java.io.IOException;
import java.io.SyncFailedException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Makes, replaces and renews files so that they survive a crash, and says of a sync whether it
 * failed. Stateless.
 */
public final class DurableFile {
  private static final int COPY_BYTES = 1 << 20;

  /** Writes the bytes of a new file. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it; syncing is the caller's. */
    void writeTo(DataFile file) throws IOException;
  }

  private DurableFile() {}

  /**
   * Creates a file that is going to be appended to, durably; what had its name is replaced. The
   * name is always a new one: that of an earlier try may have been lost by a failed sync of the
   * directory for another file, and the operating system takes it for durable.
   *
   * @param header its first bytes
   * @return the file, open
   * @throws SyncFailedException if it was made and may not be durable, whatever a further try says
   * @throws TooManyFilesException if it could not be opened, or its directory not be synced: as
   *     long as nothing is in it, it may be made again
   */
  public static DataFile create(DataFiles files, Path path, ByteBuffer header) throws IOException {
    files.delete(path);
    DataFile file = files.open(path);
    try {
      file.truncate(0);
      file.write(header, 0);
      sync(path, file);
      syncNames(files, path.getParent());
      return file;
    } catch (IOException | RuntimeException e) {
      closeAfter(e, file);
      throw e;
    }
  }

  /**
   * Writes a part of a file again and syncs it. After a failed sync the operating system may take
   * pages for clean that never reached the disk; only written again does a sync mean them.
   *
   * @throws SyncFailedException if it may not be durable
   */
  public static void renew(Path path, DataFile file, long from, long end) throws IOException {
    ByteBuffer copy = ByteBuffer.allocate((int) Math.max(0, Math.min(COPY_BYTES, end - from)));
    for (long at = from; at < end; ) {
      copy.clear().limit((int) Math.min(copy.capacity(), end - at));
      int done = file.read(copy, at);
      if (done == 0) {
        throw new IOException(path + " became shorter while it was written again");
      }
      file.write(copy.flip(), at);
      at += done;
    }
    sync(path, file);
  }

  /**
   * Replaces a file, or makes it, durably. A failure before the new file has its name leaves the
   * old one as it was, and no temporary file, which would take the space that a full disk needs.
   *
   * @param path the file; its directory exists
   * @param temporary another path of the same directory, where the new file is written first
   * @throws IOException if the disk fails; after a failed sync of the directory, a crash may leave
   *     either of the two
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

  /**
   * Makes the names in a directory durable.
   *
   * @throws SyncFailedException if they may not be, whatever a further try says
   * @throws TooManyFilesException if it could not be tried
   */
  public static void syncNames(DataFiles files, Path directory) throws IOException {
    try {
      files.syncDirectory(directory);
    } catch (SyncFailedException | TooManyFilesException e) {
      throw e;
    } catch (IOException e) {
      throw notSynced(directory, e);
    }
  }

  private static void sync(Path path, DataFile file) throws SyncFailedException {
    try {
      file.sync(true);
    } catch (IOException e) {
      throw notSynced(path, e);
    }
  }

  static SyncFailedException notSynced(Path what, IOException why) {
    SyncFailedException failed = new SyncFailedException(what + " could not be synced");
    failed.initCause(why);
    return failed;
  }

  private static void closeAfter(Exception failed, DataFile file) {
    try {
      file.close();
    } catch (IOException e) {
      failed.addSuppressed(e); // what failed says whether it may be tried again
    }
  }

  private static void deleteAfter(Exception failed, DataFiles files, Path temporary) {
    try {
      files.delete(temporary);
    } catch (IOException e) {
      failed.addSuppressed(e);
    }
  }
}
