package dev.weir.client.internal.publish;

import dev.weir.client.internal.batch.SessionSensorIds;
import dev.weir.common.OwnedBy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The ids of a publisher's sensors in the present session, and those that waiting batches hold.
 * Owned by the sender, on the loop.
 */
@OwnedBy("loop")
final class SensorBindings implements SessionSensorIds {
  private int[] ids = {};
  private int[] before = {};

  @Override
  public int idOf(int slot) {
    return slot < ids.length ? ids[slot] : UNBOUND;
  }

  void bind(int slot, int id) {
    reach(slot);
    ids[slot] = id;
  }

  void refuse(int slot) {
    reach(slot);
    ids[slot] = REFUSED;
  }

  private void reach(int slot) {
    if (slot >= ids.length) {
      int from = ids.length;
      ids = Arrays.copyOf(ids, Math.max(2 * from, slot + 64));
      Arrays.fill(ids, from, ids.length, UNBOUND);
    }
  }

  /**
   * A new session: nothing is bound in it.
   *
   * @param used whether batches hold ids of the session that ended; if not, they still hold those
   *     of the one before
   */
  void forget(boolean used) {
    for (int slot = 0; used && slot < ids.length; slot++) {
      if (slot >= before.length) {
        before = Arrays.copyOf(before, ids.length);
        Arrays.fill(before, slot, before.length, UNBOUND);
      }
      before[slot] = Math.max(ids[slot], UNBOUND);
    }
    Arrays.fill(ids, UNBOUND);
  }

  /**
   * Returns whether waiting batches may hold an id that stands for another sensor now, or for none.
   */
  boolean isChanged() {
    for (int slot = 0; slot < before.length; slot++) {
      if (before[slot] >= 0 && idOf(slot) != before[slot]) {
        return true;
      }
    }
    return false;
  }

  /** The slots of the ids that waiting batches may hold. */
  Map<Integer, Integer> slotsBefore() {
    Map<Integer, Integer> slots = new HashMap<>();
    for (int slot = 0; slot < before.length; slot++) {
      if (before[slot] >= 0) {
        slots.put(before[slot], slot);
      }
    }
    return slots;
  }
}
