package dev.weir.service.log.segment.read;

import dev.weir.common.file.ReadableFile;
import dev.weir.service.log.segment.file.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;

/**
 * A segment's file, as readers of the log know it: where it is gone because retention deleted it,
 * they are told so. Immutable; thread-safe.
 */
record ExpiringSegmentFile(ReadablePartition view, Segment segment, ReadableFile file)
    implements ReadableFile {
  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    try {
      return file.read(into, position);
    } catch (NoSuchFileException gone) {
      view.expire(segment.firstOffset());
      throw gone;
    }
  }

  @Override
  public long size() throws IOException {
    try {
      return file.size();
    } catch (NoSuchFileException gone) {
      view.expire(segment.firstOffset());
      throw gone;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
