package dev.weir.service.log.segment.read;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A window on the blocks that readers share. It uses one of them at a time, and none while it
 * rests. Owned by whoever walks.
 */
@OwnedBy("reader")
final class SharedReadBuffer extends SegmentReadBuffer {
  /** Longer reads go past the blocks: they would push many out, and are copied once more. */
  private static final int LONG_BYTES = 4 * BlockCache.BLOCK_BYTES;

  private final BlockCache cache;
  private final Object of;
  private final ReadableFile file;
  private Block block; // the last one; its memory may have gone to others unless it is in use
  private long number;
  private boolean inUse;

  /**
   * Uses no block yet.
   *
   * @param of stands for the file in the cache
   */
  SharedReadBuffer(BlockCache cache, Object of, ReadableFile file) {
    this.cache = cache;
    this.of = of;
    this.file = file;
  }

  @Override
  void show(long at, int least, long limit) throws IOException {
    if (limit - at < least) {
      return;
    }
    long blockStart = at - at % BlockCache.BLOCK_BYTES;
    if (at + least <= blockStart + BlockCache.BLOCK_BYTES) {
      use(at, limit);
      array = block.bytes();
      view = block.view();
      start = blockStart;
      bytes = (int) Math.min(block.loaded(), limit - blockStart);
    } else { // over the seam of two blocks
      byte[] seam = new byte[(int) Math.min(2L * least, limit - at)];
      int copied = copy(at, seam, 0, limit);
      array = seam;
      view = ByteBuffer.wrap(seam).order(ByteOrder.LITTLE_ENDIAN);
      start = at;
      bytes = copied;
    }
  }

  /** Uses the block of a position, loaded up to its end or the limit. */
  private void use(long at, long limit) throws IOException {
    long wantedNumber = at / BlockCache.BLOCK_BYTES;
    long blockStart = wantedNumber * BlockCache.BLOCK_BYTES;
    int wanted = (int) Math.min(BlockCache.BLOCK_BYTES, limit - blockStart);
    if (block != null && number == wantedNumber && (inUse || block.tryUse())) {
      inUse = true;
      block.load(file, blockStart, wanted);
      return;
    }
    release();
    block = null;
    block = cache.use(of, file, wantedNumber, wanted);
    number = wantedNumber;
    inUse = true;
  }

  private void release() {
    if (inUse) {
      inUse = false;
      cache.release(block);
    }
  }

  /** Copies up to the array's end or what there is; how many bytes. */
  private int copy(long from, byte[] into, int intoFrom, long limit) throws IOException {
    int done = intoFrom;
    while (done < into.length) {
      long at = from + done - intoFrom;
      if (at >= limit) {
        break;
      }
      use(at, limit);
      int index = (int) (at % BlockCache.BLOCK_BYTES);
      int most = (int) Math.min(block.loaded(), limit - (at - index)) - index;
      if (most <= 0) {
        break; // the file is shorter
      }
      int part = Math.min(most, into.length - done);
      System.arraycopy(block.bytes(), index, into, done, part);
      done += part;
    }
    return done - intoFrom;
  }

  @Override
  boolean read(long from, byte[] into, long limit) throws IOException {
    if (limit - from < into.length) {
      return false;
    }
    bytes = 0; // another block may be shown
    if (into.length <= LONG_BYTES) {
      return copy(from, into, 0, limit) == into.length;
    }
    return file.read(ByteBuffer.wrap(into), from) == into.length;
  }

  @Override
  void rest() {
    bytes = 0;
    release();
  }
}
