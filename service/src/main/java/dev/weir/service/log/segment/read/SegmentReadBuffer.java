package dev.weir.service.log.segment.read;

import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The part of a segment file that a walk looks at, in memory. Owned by whoever walks, one thread at
 * a time; several walks of one owner may take turns.
 */
@OwnedBy("reader")
abstract class SegmentReadBuffer {
  /** What is looked at: {@link #bytes} of the file from {@link #start}, from index 0. */
  byte[] array;

  /** The same, little-endian. */
  ByteBuffer view;

  long start;
  int bytes;

  /**
   * Has the window show some bytes, and as many behind them as are at hand.
   *
   * @param limit the first byte of the file that is not looked at
   * @return the index of the first of them; -1 where there are too few up to the limit
   */
  final int load(long at, int least, long limit) throws IOException {
    if (at < start || at + least > start + bytes) {
      bytes = 0;
      show(at, least, limit);
    }
    return at + least > start + bytes ? -1 : (int) (at - start);
  }

  /** Shows what begins at or before a position, and reaches behind it if there is so much. */
  abstract void show(long at, int least, long limit) throws IOException;

  /** Reads up to the array's end; false where there is less up to the limit. */
  abstract boolean read(long from, byte[] into, long limit) throws IOException;

  /** Holds no memory of others until it is used again; nothing is shown any more. */
  abstract void rest();
}
