package dev.weir.service.wire.protobuf;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import java.io.InputStream;
import java.util.Objects;

/** Reads one frame. Its position belongs to the reader that asked for it. */
@OwnedBy("its reader")
final class OutgoingMessageStream extends InputStream {
  private final OutgoingMessage frame;
  private int partIndex;
  private Slice part;
  private int done;
  private int left;

  OutgoingMessageStream(OutgoingMessage frame) {
    this.frame = frame;
    this.part = frame.part(0);
    this.left = frame.length();
  }

  @Override
  public int read() {
    if (left == 0) {
      return -1;
    }
    skipFinishedParts();
    left--;
    return part.array()[part.offset() + done++] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int length) {
    Objects.checkFromIndexSize(from, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (left == 0) {
      return -1;
    }
    int wanted = Math.min(length, left);
    for (int copied = 0; copied < wanted; ) {
      skipFinishedParts();
      int chunk = Math.min(wanted - copied, part.length() - done);
      System.arraycopy(part.array(), part.offset() + done, target, from + copied, chunk);
      done += chunk;
      copied += chunk;
    }
    left -= wanted;
    return wanted;
  }

  @Override
  public int available() {
    return left;
  }

  private void skipFinishedParts() {
    while (done == part.length() && partIndex + 1 < frame.partCount()) {
      partIndex++;
      part = frame.part(partIndex);
      done = 0;
    }
  }
}
