package dev.weir.client.internal.reconnect;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.client.internal.OwnedBy;
import dev.weir.client.internal.batch.SensorIds;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The ids of a publisher's sensors in the present session, and those that waiting batches hold.
 * Owned by the sender, on the loop.
 */
@OwnedBy("loop")
final class Bindings implements SensorIds {
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
      if (ids[slot] >= 0) {
        before[slot] = ids[slot];
      }
    }
    Arrays.fill(ids, UNBOUND);
  }

  /** Old ids that stand for another id now, or for none ({@link #REFUSED}); mostly empty. */
  Map<Integer, Integer> changes() {
    Map<Integer, Integer> changes = new HashMap<>();
    for (int slot = 0; slot < before.length; slot++) {
      if (before[slot] >= 0 && idOf(slot) != before[slot]) {
        changes.put(before[slot], idOf(slot));
      }
    }
    return changes;
  }

  /** A batch with its ids exchanged; null where one of its sensors has none any more. */
  static byte[] recode(byte[] body, Map<Integer, Integer> changes) {
    try {
      Batch.Builder batch = Batch.parseFrom(body).toBuilder();
      for (Columns.Builder columns : batch.getColumnsBuilderList()) {
        for (int i = 0; i < columns.getSensorIdsCount(); i++) {
          int id = changes.getOrDefault(columns.getSensorIds(i), columns.getSensorIds(i));
          if (id < 0) {
            return null;
          }
          columns.setSensorIds(i, id);
        }
      }
      return batch.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a batch of this client does not parse", e);
    }
  }
}
