package dev.weir.service.core;

import dev.weir.common.OwnedBy;
import java.io.OutputStream;

/** Counts what is written, and forgets it. */
@OwnedBy("its maker")
public final class CountingOutput extends OutputStream {
  private long bytes;

  /** Returns how many bytes were written. */
  public long bytes() {
    return bytes;
  }

  @Override
  public void write(int one) {
    bytes++;
  }

  @Override
  public void write(byte[] from, int offset, int length) {
    bytes += length;
  }
}
