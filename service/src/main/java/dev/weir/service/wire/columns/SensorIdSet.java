package dev.weir.service.wire.columns;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.LazyValue;
import dev.weir.service.core.Slice;
import java.util.Arrays;

/**
 * A growing set of sensor ids, without boxing: a bit each for the small ones, which are nearly all,
 * and open addressing for the others. Owned by the call that made it.
 */
@OwnedBy("its caller")
public final class SensorIdSet {
  private static final int GOLDEN_RATIO = 0x9E3779B9;

  /** Smaller ones have a bit each; a multiple of 64. */
  private static final int SMALL_IDS = 1 << 16;

  private long[] small = new long[16];
  private int[] slots = {};
  private int size;

  private SensorIdSet() {}

  /** The distinct sensor ids of a canonical batch, ascending as unsigned numbers. */
  public static int[] distinct(Slice batch) {
    var ids = new SensorIdSet();
    var reader = new ColumnsReader(batch);
    while (reader.nextRun()) {
      reader.forEachId(ids::add);
    }
    return ids.sorted();
  }

  /** The same, when it is first asked for. */
  public static LazyValue<int[]> distinctOnce(Slice batch) {
    return new LazyValue<>(() -> distinct(batch));
  }

  private void add(int id) {
    if (id >= 0 && id < SMALL_IDS) {
      int word = id >>> 6;
      if (word >= small.length) {
        small = Arrays.copyOf(small, Math.max(word + 1, 2 * small.length));
      }
      small[word] |= 1L << id;
      return;
    }
    if (slots.length == 0) {
      slots = new int[64];
    }
    int mask = slots.length - 1;
    int at = slotOf(id) & mask;
    while (slots[at] != 0) {
      if (slots[at] == id) {
        return;
      }
      at = at + 1 & mask;
    }
    slots[at] = id;
    if (++size > slots.length / 2) {
      grow();
    }
  }

  private static int slotOf(int id) {
    int mixed = id * GOLDEN_RATIO;
    return mixed ^ mixed >>> 16;
  }

  private void grow() {
    int[] old = slots;
    slots = new int[old.length * 2];
    size = 0;
    for (int id : old) {
      if (id != 0) {
        add(id);
      }
    }
  }

  private int[] sorted() {
    int count = 0;
    for (long word : small) {
      count += Long.bitCount(word);
    }
    int[] ids = new int[count + size];
    int at = 0;
    for (int i = 0; i < small.length; i++) {
      for (long word = small[i]; word != 0; word &= word - 1) {
        ids[at++] = (i << 6) + Long.numberOfTrailingZeros(word);
      }
    }
    for (int id : slots) {
      if (id != 0) {
        ids[at++] = id ^ Integer.MIN_VALUE;
      }
    }
    Arrays.sort(ids, count, at);
    for (int i = count; i < at; i++) {
      ids[i] ^= Integer.MIN_VALUE;
    }
    return ids;
  }
}
