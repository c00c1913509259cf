package dev.weir.service.wire;

import dev.weir.service.core.Once;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.Slice;
import java.util.Arrays;

/** A growing set of sensor ids: open addressing, no boxing. Owned by the call that made it. */
@OwnedBy("its caller")
public final class SensorIds {
  private static final int GOLDEN_RATIO = 0x9E3779B9;

  private int[] slots = new int[64];
  private int size;
  private boolean zero;

  private SensorIds() {}

  /** The distinct sensor ids of a canonical batch, ascending as unsigned numbers. */
  public static int[] distinct(Slice batch) {
    var ids = new SensorIds();
    var reader = new ColumnsReader(batch);
    while (reader.nextRun()) {
      reader.forEachId(ids::add);
    }
    return ids.sorted();
  }

  /** The same, when it is first asked for. */
  public static Once<int[]> distinctOnce(Slice batch) {
    return new Once<>(() -> distinct(batch));
  }

  private void add(int id) {
    if (id == 0) {
      zero = true;
      return;
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
    int[] ids = new int[size + (zero ? 1 : 0)];
    int count = zero ? 1 : 0;
    for (int id : slots) {
      if (id != 0) {
        ids[count++] = id;
      }
    }
    for (int i = 0; i < count; i++) {
      ids[i] ^= Integer.MIN_VALUE;
    }
    Arrays.sort(ids);
    for (int i = 0; i < count; i++) {
      ids[i] ^= Integer.MIN_VALUE;
    }
    return ids;
  }
}
