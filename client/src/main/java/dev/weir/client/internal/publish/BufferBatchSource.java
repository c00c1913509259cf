package dev.weir.client.internal.publish;

import dev.weir.client.PublisherOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BatchBounds;
import dev.weir.client.internal.batch.BatchFutures;
import dev.weir.client.internal.batch.FramePiece;
import dev.weir.client.internal.batch.PartitionBuffer;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.common.OwnedBy;
import dev.weir.v1.PublishOpened;
import java.util.List;

/** Batches straight from the callers, gathered per partition. Owned by the sender, on the loop. */
@OwnedBy("loop")
final class BufferBatchSource implements BatchSource {
  private final PublishBuffer intake;
  private final PublisherOptions options;
  private PartitionBuffer[] gathers = {};

  BufferBatchSource(PublishBuffer intake, PublisherOptions options) {
    this.intake = intake;
    this.options = options;
  }

  @Override
  public void open(PublishOpened opened) {
    gathers = intake.open(opened.getLastSequencesCount(), bounds(opened));
  }

  @Override
  public boolean reopen(PublishOpened opened) {
    intake.bound(bounds(opened));
    return false;
  }

  @Override
  public void stop(int partition, WeirException cause) {
    gathers[partition].stop(cause);
  }

  @Override
  public void resume(int partition) {
    gathers[partition].resume();
  }

  @Override
  public boolean keepsReadings() {
    return false;
  }

  private BatchBounds bounds(PublishOpened opened) {
    return BatchBounds.of(options).within(BatchBounds.of(opened.getLimits()));
  }

  @Override
  public boolean isEmpty(int partition) {
    return gathers[partition].isEmpty();
  }

  @Override
  public ReadingBatch take(int partition, boolean anyOpen, long openUntilNanos) {
    return gathers[partition].take(anyOpen, openUntilNanos);
  }

  @Override
  public long beganNanos(int partition, long otherwise) {
    return gathers[partition].beganNanos(otherwise);
  }

  @Override
  public boolean isHeld(int partition) {
    return false;
  }

  @Override
  public void stored(int partition, List<PendingBatch> batches) {
    // The futures of the batches report it to everybody who asked.
  }

  @Override
  public void refused(int partition, FramePiece piece, WeirException cause) {
    // As above.
  }

  @Override
  public void refusedInPart(FramePiece piece, WeirException cause) {
    // As above.
  }

  @Override
  public void renumbered(int partition, long nextSequence) {
    // Numbers need not outlive the process.
  }

  @Override
  public List<BatchFutures> flush(int partition) {
    gathers[partition].flush();
    return gathers[partition].pending();
  }
}
