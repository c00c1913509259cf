package dev.weir.client.internal.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The one way from a spool to the disk, so that tests can lose, tear and fail what it does.
 * Thread-safe; everything here may block.
 */
public interface SpoolFiles {
  /**
   * Opens for reading and writing, creating the file where it is missing. A new file survives a
   * power cut only after {@link #syncDirectory}.
   */
  Open open(Path path) throws IOException;

  /**
   * Opens an existing file for reading.
   *
   * @throws java.nio.file.NoSuchFileException where there is none
   */
  Open openForReading(Path path) throws IOException;

  /** Names in a directory, in order. */
  List<String> list(Path directory) throws IOException;

  /** Creates a directory and its missing parents, durably. */
  void createDirectories(Path directory) throws IOException;

  /** Gives a file another name in the same directory, replacing what had it; atomic. */
  void rename(Path from, Path to) throws IOException;

  /** Deletes a file if it is there. */
  void delete(Path path) throws IOException;

  /**
   * Makes the names created, renamed and deleted in a directory durable.
   *
   * @throws java.io.SyncFailedException if they may not be, whatever a further try says
   * @throws IOException if it could not be tried, for example because too many files are open
   */
  void syncDirectory(Path directory) throws IOException;

  /**
   * Takes an exclusive lock between processes, held until it is closed or the process ends.
   *
   * @return the lock, or null where somebody has it
   */
  Closeable lock(Path path) throws IOException;

  /** One open file. Thread-safe. */
  interface Open extends Closeable {
    /**
     * Reads at a position until the buffer is full or the file ends.
     *
     * @return bytes read; 0 at or behind the file's end
     */
    int read(ByteBuffer into, long position) throws IOException;

    /** Writes all remaining bytes. When it fails, any part may have been written. */
    void write(ByteBuffer from, long position) throws IOException;

    /** The file's length in bytes. */
    long size() throws IOException;

    /** Cuts the file to a length. */
    void truncate(long bytes) throws IOException;

    /** Waits until what was written survives a power cut. */
    void sync() throws IOException;
  }
}
