package dev.weir.client.internal.publish;

import dev.weir.client.PublisherOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.BatchBounds;
import dev.weir.client.internal.batch.BatchEncoder;
import dev.weir.client.internal.batch.BatchFutures;
import dev.weir.client.internal.batch.EncodedBatchReader;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.PublishRequestHeader;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.batch.SessionSensorIds;
import dev.weir.client.internal.connection.Backoff;
import dev.weir.client.internal.connection.StreamingCall;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.threads.ClientLoop;
import dev.weir.common.OwnedBy;
import dev.weir.v1.Ack;
import dev.weir.v1.Defined;
import dev.weir.v1.Durability;
import dev.weir.v1.OutcomeUnknown;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Sends definitions and batches of one publisher as the window and the transport allow, and handles
 * the server's answers to them. Owned by its session, on the loop; outlives the links it is given.
 */
@OwnedBy("loop")
final class BatchSender {
  private static final long NEVER = Long.MAX_VALUE;

  private final ClientLoop loop;
  private final PublishCallbacks settlements;
  private final PublisherOptions options;
  private final BatchSource source;
  private final Backoff retries;
  private final long lingerNanos;
  private final SendWindow window = new SendWindow();
  private final SensorDefinitionSender definitions;
  private final SensorBindings bindings = new SensorBindings();
  private final BatchEncoder encoder = new BatchEncoder();
  private final RefusedSensorRemover refusals;
  private final StoppedPartitions stopped;

  private PartitionSendQueue[] queues = {};
  private ReadingBatch[] unbound = {};
  private Durability durability = Durability.DURABILITY_UNSPECIFIED;
  private int messageBytesMax = Integer.MAX_VALUE;
  private int turn;
  private boolean replayChecked;

  BatchSender(
      ClientLoop loop,
      PublishBuffer intake,
      PublishCallbacks settlements,
      PublisherOptions options,
      BatchSource source,
      Backoff retries) {
    this.loop = loop;
    this.settlements = settlements;
    this.options = options;
    this.source = source;
    this.retries = retries;
    this.lingerNanos = options.linger().toNanos();
    this.definitions = new SensorDefinitionSender(intake, bindings, window);
    this.refusals =
        new RefusedSensorRemover(intake, bindings, settlements, options.listener(), source);
    this.stopped =
        new StoppedPartitions(source, settlements, options.listener(), options.bufferedBytesMax());
  }

  /** Returns whether a session was ever open. */
  boolean isBegun() {
    return queues.length > 0;
  }

  int partitionCount() {
    return queues.length;
  }

  /** The first session. */
  void begin(PublishOpened opened) {
    int count = opened.getLastSequencesCount();
    queues = new PartitionSendQueue[count];
    unbound = new ReadingBatch[count];
    opened
        .getLastSequencesList()
        .forEach(
            last ->
                queues[last.getPartition()] =
                    new PartitionSendQueue(last.getPartition(), last.getLastSequence()));
    source.open(opened);
    opened.getLastSequencesList().stream()
        .filter(PartitionSequence::hasStopped)
        .forEach(last -> stop(last.getPartition(), ErrorTranslator.of(last.getStopped())));
    enter(opened);
  }

  /** A partition takes nothing before the server is restarted; the others continue. */
  private void stop(int partition, WeirException cause) {
    stopped.stop(partition, queues[partition], unbound[partition], cause);
    unbound[partition] = null;
  }

  /** A later session: what was stored is settled, the rest is sent again. */
  void reopen(PublishOpened opened) {
    bindings.forget(replayChecked);
    opened.getLastSequencesList().forEach(last -> reopen(last, opened.getDurability()));
    if (source.reopen(opened)) {
      for (int partition = 0; partition < queues.length; partition++) {
        queues[partition].clear();
        unbound[partition] = null;
      }
    }
    enter(opened);
  }

  private void reopen(PartitionSequence last, Durability storedAs) {
    int partition = last.getPartition();
    PartitionSendQueue queue = queues[partition];
    boolean comesOnceMore = source.keepsReadings() && (queue.isStopped() || last.hasStopped());
    if (last.hasStopped()) {
      stop(partition, ErrorTranslator.of(last.getStopped()));
    } else {
      source.resume(partition);
    }
    PartitionSendQueue.Reopened reopened =
        last.hasStopped()
            ? queue.reopenStopped(last.getLastSequence(), last.getInDoubtThrough())
            : queue.reopen(last.getLastSequence());
    if (!comesOnceMore) { // else it is found stored then
      settlements.stored(partition, reopened.stored(), "", storedAs);
      source.stored(partition, reopened.stored());
    }
    if (last.hasStopped()) {
      WeirException cause = ErrorTranslator.of(last.getStopped());
      stopped.fail(partition, reopened.refused(), cause);
      stopped.keepShare(queues, partition, cause);
    }
    if (reopened.lostFrom() <= reopened.lostThrough()) {
      source.renumbered(partition, reopened.lostFrom());
      settlements.post(
          () -> options.listener().onLost(partition, reopened.lostFrom(), reopened.lostThrough()));
    }
  }

  private void enter(PublishOpened opened) {
    durability = opened.getDurability();
    window.reset(opened.getWindow());
    messageBytesMax = BatchBounds.of(opened.getLimits()).bytesMax();
    definitions.enter(opened.getLimits());
    replayChecked = false;
  }

  /**
   * Sends all that may be sent now; returns when to look again at the latest, by the loop's clock.
   */
  long pump(StreamingCall<PublishStreamResponse> link) {
    long now = loop.nanoTime();
    while (link.isReady() && definitions.send(link, now)) {
      // One definition request after the other.
    }
    if (!replayChecked && definitions.isReadyForReplay()) {
      replayChecked = true;
      recodeReplay();
    }
    boolean sent = true;
    while (sent && link.isReady() && replayChecked && window.hasRoom()) {
      sent = sendOne(link, now);
    }
    return nextLook(link, now);
  }

  private boolean sendOne(StreamingCall<PublishStreamResponse> link, long now) {
    for (int i = 0; i < queues.length; i++) {
      int partition = (turn + i) % queues.length;
      PendingBatch batch = next(partition, now);
      if (batch != null && window.fits(batch.body().length + PublishRequestHeader.BYTES_MAX)) {
        link.send(queues[partition].send(now));
        window.sent(batch.messageBytes());
        turn = partition + 1;
        return true;
      }
    }
    return false;
  }

  /** The batch of a partition that may be sent now, encoded; else null. */
  private PendingBatch next(int partition, long now) {
    PartitionSendQueue queue = queues[partition];
    while (queue.maySend(now) && !source.isHeld(partition)) {
      PendingBatch first = queue.peek();
      if (first == null) {
        if (!encodeNext(partition, now)) {
          return null;
        }
      } else if (first.body().length + PublishRequestHeader.BYTES_MAX <= messageBytesMax) {
        return first;
      } else {
        rejected(partition, queue.drop(), tooLarge(first)); // it would end the session, each time
      }
    }
    return null;
  }

  /** Encodes a partition's next batch, or refuses it; whether there is one for which that goes. */
  private boolean encodeNext(int partition, long now) {
    PartitionSendQueue queue = queues[partition];
    ReadingBatch batch = unbound[partition];
    if (batch == null && !source.isEmpty(partition)) {
      batch = source.take(partition, queue.takesAny(now), now - lingerNanos);
    }
    if (batch == null) {
      return false;
    }
    unbound[partition] = null;
    byte[] body = encoder.encode(batch, bindings);
    if (body != null) {
      queue.add(new PendingBatch(batch, body));
      return true;
    }
    if (encoder.missing() != SessionSensorIds.REFUSED) {
      unbound[partition] = batch;
      return false;
    }
    WeirException nothingLeft = refusals.remove(partition, batch, batch.piece());
    if (nothingLeft == null) {
      unbound[partition] = batch;
    } else {
      fail(batch, nothingLeft);
      source.refused(partition, batch.piece(), nothingLeft);
    }
    return true;
  }

  private WeirException tooLarge(PendingBatch batch) {
    return ErrorTranslator.tooLarge(
        String.format(
            "A batch of %d readings has %d bytes and cannot be cut any more, and message_bytes_max of"
                + " this server is %d. Lower batchBytesMax, publish smaller values, or ask the"
                + " operator to raise the limit.",
            batch.readings(), batch.body().length, messageBytesMax));
  }

  /** Nothing of a batch will be stored. */
  private void rejected(int partition, PendingBatch batch, WeirException cause) {
    int readings = batch.readings();
    settlements.post(() -> options.listener().onRejected(partition, readings, cause));
    settlements.failed(batch.promise(), batch.heldBytes(), cause);
    source.refused(partition, batch.piece(), cause);
  }

  /** Batches encoded for an earlier session may hold ids that have changed since. */
  private void recodeReplay() {
    if (!bindings.isChanged()) {
      return;
    }
    Map<Integer, Integer> slots = bindings.slotsBefore();
    for (int partition = 0; partition < queues.length; partition++) {
      for (PendingBatch batch : List.copyOf(queues[partition].waiting())) {
        ReadingBatch readings =
            EncodedBatchReader.decode(batch.body(), batch.promise(), slots::get);
        WeirException nothingLeft = refusals.remove(partition, readings, batch.piece());
        if (nothingLeft == null) {
          batch.recoded(readings.readings(), encoder.encode(readings, bindings));
        } else {
          queues[partition].waiting().remove(batch);
          settlements.failed(batch.promise(), batch.heldBytes(), nothingLeft);
          source.refused(partition, batch.piece(), nothingLeft);
        }
      }
    }
  }

  /**
   * Returns when only the passing of time allows the next send; acks, definitions and readiness
   * call the pump themselves.
   */
  private long nextLook(StreamingCall<PublishStreamResponse> link, long now) {
    long next = definitions.retryAtNanos(now, NEVER);
    if (!replayChecked || !link.isReady() || !window.hasRoom()) {
      return next;
    }
    for (int partition = 0; partition < queues.length; partition++) {
      PartitionSendQueue queue = queues[partition];
      if (queue.isDelayed(now)) {
        next = Math.min(next, queue.resumeAtNanos());
      } else if (queue.maySend(now) && queue.peek() == null && unbound[partition] == null) {
        long began = source.beganNanos(partition, NEVER);
        if (began != NEVER) {
          next = Math.min(next, began + lingerNanos);
          next = Math.min(next, queue.takesAnyAtNanos(next));
        }
      }
    }
    return next;
  }

  void onDefined(Defined defined) {
    definitions.onDefined(
        defined,
        loop.nanoTime(),
        retries,
        (sensor, cause) ->
            stop(PublishBuffer.partitionOf(sensor.options().name(), queues.length), cause));
  }

  void onAck(Ack ack) {
    if (ack.hasWindow()) {
      window.update(ack.getWindow());
    }
    int partition = ack.getPartition();
    List<PendingBatch> stored = queues[partition].acknowledge(ack.getThroughSequence());
    for (PendingBatch batch : stored) {
      window.settled(batch.messageBytes());
    }
    if (!stored.isEmpty()) {
      retries.reset();
    }
    if (!source.keepsReadings() || !queues[partition].isStopped()) { // else as in `reopen`
      settlements.stored(partition, stored, ack.getCursor(), durability);
      source.stored(partition, stored);
    }
  }

  /** Reports a batch whose outcome is unknown, because its partition stopped. */
  void onOutcomeUnknown(OutcomeUnknown unknown) {
    if (unknown.hasWindow()) {
      window.update(unknown.getWindow());
    }
    int partition = unknown.getPartition();
    WeirException cause = ErrorTranslator.of(unknown.getProblem());
    stop(partition, cause);
    PendingBatch batch = queues[partition].doubt(unknown.getSequence());
    if (batch != null) {
      window.settled(batch.messageBytes());
      stopped.keepShare(queues, partition, cause);
    }
  }

  private void onRejectOfStopped(int partition, long sequence, WeirException cause) {
    stop(partition, cause);
    PendingBatch batch = queues[partition].refuse(sequence);
    if (batch != null) {
      window.settled(batch.messageBytes());
      stopped.fail(partition, List.of(batch), cause);
    }
  }

  /** Takes a reject; whether the session is still in step with the server. */
  boolean onReject(Reject reject) {
    if (reject.hasWindow()) {
      window.update(reject.getWindow());
    }
    WeirException cause = ErrorTranslator.of(reject.getProblem());
    if (StoppedPartitions.isCauseOf(cause) || queues[reject.getPartition()].isStopped()) {
      onRejectOfStopped(reject.getPartition(), reject.getSequence(), cause);
      return true;
    }
    PartitionSendQueue.Verdict verdict = verdictOf(cause);
    PartitionSendQueue queue = queues[reject.getPartition()];
    // One failed write rejects many batches: that is one try, with one wait.
    long delay =
        verdict == PartitionSendQueue.Verdict.RETRY && !queue.isRetrying()
            ? retries.nextNanos(cause.retryDelay().orElseThrow().toNanos())
            : 0;
    PendingBatch batch =
        queue.reject(
            reject.getSequence(), reject.getExpectedSequence(), verdict, loop.nanoTime() + delay);
    if (batch != null) {
      window.settled(batch.messageBytes());
      if (verdict == PartitionSendQueue.Verdict.FINAL) {
        rejected(reject.getPartition(), batch, cause);
      }
    }
    return !queue.isOutOfStep();
  }

  private static PartitionSendQueue.Verdict verdictOf(WeirException cause) {
    if (cause.reason().equals("OUT_OF_SEQUENCE")) {
      return PartitionSendQueue.Verdict.BEHIND;
    }
    return cause.retryDelay().isPresent()
        ? PartitionSendQueue.Verdict.RETRY
        : PartitionSendQueue.Verdict.FINAL;
  }

  /** Sends what is gathering without further waiting; what is owed for everything unsettled. */
  List<BatchFutures> flush() {
    List<BatchFutures> promises = new ArrayList<>();
    for (int partition = 0; partition < queues.length; partition++) {
      List<BatchFutures> gathered = source.flush(partition);
      queues[partition].unsettled().forEach(batch -> promises.add(batch.promise()));
      if (unbound[partition] != null) {
        promises.add(unbound[partition].promise());
      }
      promises.addAll(gathered);
    }
    return promises;
  }

  /** The publisher ends: whatever is not stored fails. The intake has ended before. */
  void fail(WeirException cause) {
    for (int partition = 0; partition < queues.length; partition++) {
      queues[partition]
          .clear()
          .forEach(batch -> settlements.failed(batch.promise(), batch.heldBytes(), cause));
      if (unbound[partition] != null) {
        fail(unbound[partition], cause);
        unbound[partition] = null;
      }
      for (ReadingBatch batch; (batch = source.take(partition, true, 0)) != null; ) {
        fail(batch, cause);
      }
    }
  }

  private void fail(ReadingBatch batch, WeirException cause) {
    settlements.failed(batch.promise(), batch.heldBytes(), cause);
  }
}
