package dev.weir.common.file;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One open file. Thread-safe; everything here may block. */
public interface DataFile extends ReadableFile {
  /**
   * Writes all remaining bytes at a position. When it fails, any part may have been written.
   *
   * @throws dev.weir.common.file.DiskFullException where there is no space left
   */
  void write(ByteBuffer from, long position) throws IOException;

  /** Cuts the file to a length. */
  void truncate(long bytes) throws IOException;

  /**
   * Waits until what was written survives a power cut.
   *
   * @param metadata also what is not needed to read the data back; needed after a cut
   */
  void sync(boolean metadata) throws IOException;
}
