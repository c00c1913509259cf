package dev.weir.client.internal.reconnect;

import dev.weir.client.PublisherListener;
import dev.weir.client.WeirException;
import dev.weir.client.internal.OwnedBy;
import dev.weir.client.internal.batch.Intake;
import dev.weir.client.internal.batch.Promise;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.batch.SensorIds;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Takes the readings of refused sensors out of batches, so that the rest can be sent, and tells
 * their users. Owned by the sender, on the loop.
 */
@OwnedBy("loop")
final class Refusals {
  private final Intake intake;
  private final SensorIds ids;
  private final Settlements settlements;
  private final PublisherListener listener;

  Refusals(Intake intake, SensorIds ids, Settlements settlements, PublisherListener listener) {
    this.intake = intake;
    this.ids = ids;
    this.settlements = settlements;
    this.listener = listener;
  }

  /** Readings of a batch with one future, which fails. */
  private static final class Share {
    private final WeirException cause;
    private int readings;

    Share(WeirException cause) {
      this.cause = cause;
    }
  }

  /**
   * Takes out whatever shares its future with a reading of a refused sensor.
   *
   * @return why nothing of the batch is left, or null
   */
  WeirException remove(int partition, ReadingBatch batch) {
    Promise promise = batch.promise();
    Map<Integer, Share> lost = new LinkedHashMap<>();
    batch.forEachSlot(
        slot -> {
          if (ids.idOf(slot) == SensorIds.REFUSED) {
            lost.computeIfAbsent(promise.shareOf(slot), share -> new Share(causeOf(slot)));
          }
        });
    batch.removeIf(
        slot -> {
          Share share = lost.get(promise.shareOf(slot));
          if (share != null) {
            share.readings++;
          }
          return share != null;
        });
    WeirException last = null;
    for (Map.Entry<Integer, Share> entry : lost.entrySet()) {
      Share share = entry.getValue();
      settlements.post(() -> listener.onRejected(partition, share.readings, share.cause));
      settlements.post(() -> promise.refuse(entry.getKey(), share.cause));
      last = share.cause;
    }
    return batch.readings() == 0 ? last : null;
  }

  private WeirException causeOf(int slot) {
    return intake.sensors(slot, slot + 1).get(0).refused();
  }
}
