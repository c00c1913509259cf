package dev.weir.service.core.mode;

import dev.weir.common.OwnedBy;
import java.util.Arrays;

/** State per slot in chunks of arrays, taken when first used. Owned by its rule. */
@OwnedBy("view")
final class ModeSlots {
  private static final int CHUNK_BITS = 10;
  private static final int CHUNK_SLOTS = 1 << CHUNK_BITS;

  private Chunk[] chunks = new Chunk[1];

  /** The chunk of a slot; its arrays are indexed by {@link #index}. */
  Chunk chunk(int slot) {
    int number = slot >>> CHUNK_BITS;
    if (number >= chunks.length) {
      chunks = Arrays.copyOf(chunks, Math.max(number + 1, 2 * chunks.length));
    }
    Chunk chunk = chunks[number];
    if (chunk == null) {
      chunk = new Chunk();
      chunks[number] = chunk;
    }
    return chunk;
  }

  static int index(int slot) {
    return slot & CHUNK_SLOTS - 1;
  }

  /** The state of neighbouring slots; all zero at first. */
  static final class Chunk {
    final byte[] state = new byte[CHUNK_SLOTS];
    private long[] values;
    private long[] moreValues;
    private long[] times;

    long[] values() {
      values = made(values);
      return values;
    }

    /** The second half of long values. */
    long[] moreValues() {
      moreValues = made(moreValues);
      return moreValues;
    }

    long[] times() {
      times = made(times);
      return times;
    }

    private static long[] made(long[] array) {
      return array == null ? new long[CHUNK_SLOTS] : array;
    }
  }
}
