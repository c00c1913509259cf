package dev.weir.service.log.segment.read;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.ReadableFile;
import dev.weir.service.log.segment.file.RecordHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A window with a buffer of its own, as long as it lives. Owned by whoever walks. */
@OwnedBy("reader")
public final class PrivateReadBuffer extends SegmentReadBuffer {
  private final ReadableFile file;

  /**
   * Takes its buffer.
   *
   * @param bufferBytes how much is read ahead
   */
  public PrivateReadBuffer(ReadableFile file, int bufferBytes) {
    this.file = file;
    array = new byte[Math.max(bufferBytes, RecordHeader.BYTES)];
    view = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  void show(long at, int least, long limit) throws IOException {
    int wanted = (int) Math.max(0, Math.min(array.length, limit - at));
    start = at;
    bytes = file.read(ByteBuffer.wrap(array, 0, wanted), at);
  }

  @Override
  boolean read(long from, byte[] into, long limit) throws IOException {
    boolean shown = from >= start && from < start + bytes;
    int index = shown ? (int) (from - start) : 0;
    int inWindow = shown ? Math.min(into.length, bytes - index) : 0;
    System.arraycopy(array, index, into, 0, inWindow);
    int rest = into.length - inWindow;
    return rest == 0 || file.read(ByteBuffer.wrap(into, inWindow, rest), from + inWindow) == rest;
  }

  @Override
  void rest() {
    // The buffer is its own.
  }
}
