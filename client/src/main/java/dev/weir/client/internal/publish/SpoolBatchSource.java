package dev.weir.client.internal.publish;

import dev.weir.client.BatchAck;
import dev.weir.client.PublisherOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BatchBounds;
import dev.weir.client.internal.batch.BatchFutures;
import dev.weir.client.internal.batch.FramePiece;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.spool.SpoolAccess;
import dev.weir.client.internal.threads.ClientLoop;
import dev.weir.common.OwnedBy;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.PublishOpened;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Takes batches from a spool and reports to it what became of them. Owned by the sender, on the
 * loop; what the spool thread reports comes as a task.
 */
@OwnedBy("loop")
final class SpoolBatchSource implements BatchSource, SpoolAccess.Listener {
  private final SpoolAccess context;
  private final ClientLoop loop;
  private final PublishBuffer intake;
  private final PublisherOptions options;
  private final PublishCallbacks settlements;
  private final Runnable pump;
  private final Consumer<WeirException> fail;

  private ArrayDeque<ReadingBatch>[] ready;
  private int[] held = {};
  private boolean[] stopped = {};
  private BatchBounds bounds = BatchBounds.NONE;

  /** Rewinds that were asked for: what arrives until they are done was cut to other bounds. */
  private int rewinding;

  /**
   * A source that is empty until a session is open.
   *
   * @param pump looks for something to send; on the loop
   * @param fail ends the session; on the loop
   */
  SpoolBatchSource(
      SpoolAccess context,
      ClientLoop loop,
      PublishBuffer intake,
      PublisherOptions options,
      PublishCallbacks settlements,
      Runnable pump,
      Consumer<WeirException> fail) {
    this.context = context;
    this.loop = loop;
    this.intake = intake;
    this.options = options;
    this.settlements = settlements;
    this.pump = pump;
    this.fail = fail;
  }

  @Override
  @SuppressWarnings("unchecked") // an array of a generic type
  public void open(PublishOpened opened) {
    int count = opened.getLastSequencesCount();
    ready = (ArrayDeque<ReadingBatch>[]) new ArrayDeque<?>[count];
    held = new int[count];
    stopped = new boolean[count];
    long[] last = new long[count];
    opened
        .getLastSequencesList()
        .forEach(
            entry -> {
              ready[entry.getPartition()] = new ArrayDeque<>();
              last[entry.getPartition()] = entry.getLastSequence();
            });
    bound(opened);
    context.opened(opened.getLogId(), opened.getEpoch(), last, bounds);
  }

  @Override
  public boolean reopen(PublishOpened opened) {
    BatchBounds before = bounds;
    bound(opened);
    Map<Integer, Long> resumed = new HashMap<>();
    for (PartitionSequence last : opened.getLastSequencesList()) {
      if (stopped[last.getPartition()] && !last.hasStopped()) {
        stopped[last.getPartition()] = false;
        resumed.put(last.getPartition(), last.getLastSequence());
      }
    }
    if (bounds.equals(before) && resumed.isEmpty()) {
      return false;
    }
    for (ArrayDeque<ReadingBatch> queue : ready) {
      queue.clear();
    }
    rewinding++;
    context.rebound(bounds, resumed);
    return true;
  }

  @Override
  public void stop(int partition, WeirException cause) {
    stopped[partition] = true;
    ready[partition].clear();
    context.stopped(partition);
  }

  @Override
  public void resume(int partition) {
    // `reopen` has all that is resumed come once more, together.
  }

  @Override
  public boolean keepsReadings() {
    return true;
  }

  private void bound(PublishOpened opened) {
    bounds = BatchBounds.of(opened.getLimits());
    intake.bound(BatchBounds.of(options).within(bounds));
  }

  @Override
  public boolean isEmpty(int partition) {
    return ready[partition].isEmpty();
  }

  @Override
  public ReadingBatch take(int partition, boolean anyOpen, long openUntilNanos) {
    return ready[partition].poll();
  }

  @Override
  public long beganNanos(int partition, long otherwise) {
    return otherwise; // nothing gathers here: whatever there is can be sent
  }

  @Override
  public boolean isHeld(int partition) {
    return held[partition] > 0;
  }

  @Override
  public void stored(int partition, List<PendingBatch> batches) {
    if (!batches.isEmpty() && !stopped[partition]) { // else the session that resumes it reports it
      List<FramePiece> pieces = batches.stream().map(PendingBatch::piece).toList();
      context.stored(partition, pieces, batches.get(batches.size() - 1).sequence());
    }
  }

  @Override
  public void refused(int partition, FramePiece piece, WeirException cause) {
    if (stopped[partition]) {
      return; // it comes once more
    }
    held[partition]++;
    context.refused(partition, piece, cause);
  }

  @Override
  public void refusedInPart(FramePiece piece, WeirException cause) {
    context.refusedInPart(piece.frame(), cause);
  }

  @Override
  public void renumbered(int partition, long nextSequence) {
    held[partition]++;
    context.renumbered(partition, nextSequence);
  }

  @Override
  public List<BatchFutures> flush(int partition) {
    return ready[partition].stream().map(ReadingBatch::promise).toList();
  }

  // ---- on the spool thread

  @Override
  public void accepted(ReadingBatch batch, long frame) {
    settlements.spooled(batch, BatchAck.ofSpool(frame, batch.readings()));
  }

  @Override
  public void refused(ReadingBatch batch, WeirException cause) {
    settlements.failed(batch.promise(), batch.heldBytes(), cause);
  }

  @Override
  public void stored(int readings) {
    settlements.counted(readings);
  }

  @Override
  public void lost(int partition, long fromSequence, long throughSequence) {
    settlements.post(() -> options.listener().onLost(partition, fromSequence, throughSequence));
  }

  @Override
  public void dropped(long readings, WeirException cause) {
    settlements.post(() -> options.listener().onSpoolLoss(readings, cause));
  }

  @Override
  public void arrived(List<SpoolAccess.SpooledBatch> pieces) {
    loop.execute(
        () -> {
          if (rewinding == 0) {
            pieces.stream()
                .filter(piece -> !stopped[piece.partition()])
                .forEach(piece -> ready[piece.partition()].add(piece.batch()));
            pump.run();
          }
        });
  }

  @Override
  public void rewound() {
    loop.execute(() -> rewinding--);
  }

  @Override
  public void durable(int partition) {
    loop.execute(
        () -> {
          held[partition]--;
          pump.run();
        });
  }

  @Override
  public void failed(WeirException cause) {
    loop.execute(() -> fail.accept(cause));
  }

  @Override
  public void post(Runnable event) {
    settlements.post(event);
  }
}
