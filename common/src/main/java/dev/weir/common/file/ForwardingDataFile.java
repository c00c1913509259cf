package dev.weir.common.file;

import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file that is another one; a subclass overrides what it does else. As that one. */
public abstract class ForwardingDataFile implements DataFile {
  protected final DataFile file;

  protected ForwardingDataFile(DataFile file) {
    this.file = file;
  }

  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    return file.read(into, position);
  }

  @Override
  public void write(ByteBuffer from, long position) throws IOException {
    file.write(from, position);
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public void truncate(long bytes) throws IOException {
    file.truncate(bytes);
  }

  @Override
  public void sync(boolean metadata) throws IOException {
    file.sync(metadata);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
