package dev.weir.common.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file that can be read at any position. Thread-safe; everything here may block. */
public interface ReadableFile extends Closeable {
  /**
   * Reads at a position until the buffer is full or the file ends.
   *
   * @return bytes read; 0 at or after the file's end
   */
  int read(ByteBuffer into, long position) throws IOException;

  /** The file's length in bytes. */
  long size() throws IOException;
}
