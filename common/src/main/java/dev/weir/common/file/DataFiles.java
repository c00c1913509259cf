package dev.weir.common.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The one way to the disk, so that tests can lose, tear and fail what is done to it. Thread-safe;
 * everything here may block. No state but what is on the disk.
 */
public interface DataFiles {
  /**
   * Opens for reading and writing, creating the file where it is missing. A new file survives a
   * power cut only after {@link #syncDirectory} of its directory.
   *
   * @throws dev.weir.common.file.TooManyFilesException where too many are open
   */
  DataFile open(Path path) throws IOException;

  /**
   * Opens an existing file for reading.
   *
   * @throws java.nio.file.NoSuchFileException where there is none
   * @throws dev.weir.common.file.TooManyFilesException where too many are open
   */
  DataFile openForReading(Path path) throws IOException;

  /**
   * Names in a directory, in order; empty where there is no such directory.
   *
   * @throws dev.weir.common.file.TooManyFilesException where too many files are open to look
   */
  List<String> list(Path directory) throws IOException;

  /** Creates a directory and its missing parents, durably. */
  void createDirectories(Path directory) throws IOException;

  /**
   * Gives a file another name in the same directory, replacing what had it, or a directory one that
   * nothing has; atomic.
   */
  void rename(Path from, Path to) throws IOException;

  /** Deletes a file or an empty directory if it is there. */
  void delete(Path path) throws IOException;

  /**
   * Bytes that files below a directory can still grow by, for a user without privileges;
   * Long.MAX_VALUE where nobody knows.
   */
  default long freeBytes(Path directory) throws IOException {
    return Long.MAX_VALUE;
  }

  /** Returns whether so few files can still be opened that those not in use should be closed. */
  default boolean fewLeft() {
    return false;
  }

  /**
   * Makes the names created, renamed and deleted in a directory durable.
   *
   * @throws java.io.SyncFailedException if they may not be, whatever a further try says
   * @throws dev.weir.common.file.TooManyFilesException where too many files are open to try it
   */
  void syncDirectory(Path directory) throws IOException;

  /**
   * Takes an exclusive lock between processes, held until it is closed or the process ends.
   *
   * @return the lock, or null where somebody has it
   */
  Closeable lock(Path path) throws IOException;
}
