package dev.weir.client.internal.publish;

import dev.weir.client.PublisherListener;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BatchFutures;
import dev.weir.client.internal.batch.FramePiece;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.batch.SessionSensorIds;
import dev.weir.common.OwnedBy;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Takes the readings of refused sensors out of batches, so that the rest can be sent, and reports
 * to their users. Owned by the sender, on the loop.
 */
@OwnedBy("loop")
final class RefusedSensorRemover {
  private final PublishBuffer intake;
  private final SessionSensorIds ids;
  private final PublishCallbacks settlements;
  private final PublisherListener listener;
  private final BatchSource source;

  RefusedSensorRemover(
      PublishBuffer intake,
      SessionSensorIds ids,
      PublishCallbacks settlements,
      PublisherListener listener,
      BatchSource source) {
    this.source = source;
    this.intake = intake;
    this.ids = ids;
    this.settlements = settlements;
    this.listener = listener;
  }

  /** Readings of a refused sensor in a batch. */
  private static final class Lost {
    private final WeirException cause;
    private int readings;

    Lost(WeirException cause) {
      this.cause = cause;
    }
  }

  /**
   * Takes out the readings of refused sensors.
   *
   * @param piece the readings of the spool that the batch is; null: of none
   * @return why nothing of the batch is left, or null
   */
  WeirException remove(int partition, ReadingBatch batch, FramePiece piece) {
    BatchFutures promise = batch.promise();
    Map<Integer, Lost> lost = new LinkedHashMap<>();
    batch.removeIf(
        slot -> {
          boolean refused = ids.idOf(slot) == SessionSensorIds.REFUSED;
          if (refused) {
            lost.computeIfAbsent(slot, of -> new Lost(causeOf(of))).readings++;
          }
          return refused;
        });
    WeirException last = null;
    for (Map.Entry<Integer, Lost> entry : lost.entrySet()) {
      int readings = entry.getValue().readings;
      WeirException cause = entry.getValue().cause;
      settlements.post(() -> listener.onRejected(partition, readings, cause));
      settlements.post(() -> promise.refuse(entry.getKey(), cause));
      last = cause;
    }
    if (last == null || batch.readings() == 0) {
      return last;
    }
    source.refusedInPart(piece, last);
    return null;
  }

  private WeirException causeOf(int slot) {
    return intake.sensors(slot, slot + 1).get(0).refused();
  }
}
