package dev.weir.service.log.segment;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One open file. Thread-safe; everything here may block. */
public interface DataFile extends Closeable {
  /**
   * Reads at a position until the buffer is full or the file ends.
   *
   * @return bytes read; 0 at or behind the file's end
   */
  int read(ByteBuffer into, long position) throws IOException;

  /**
   * Writes all remaining bytes at a position. When it fails, any part may have been written.
   *
   * @throws dev.weir.service.log.DiskFullException where there is no space left
   */
  void write(ByteBuffer from, long position) throws IOException;

  /** The file's length in bytes. */
  long size() throws IOException;

  /** Cuts the file to a length. */
  void truncate(long bytes) throws IOException;

  /**
   * Waits until what was written survives a power cut.
   *
   * @param metadata also what is not needed to read the data back; needed after a cut
   */
  void sync(boolean metadata) throws IOException;
}
