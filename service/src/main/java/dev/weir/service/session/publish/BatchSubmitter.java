package dev.weir.service.session.publish;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.admission.ClientQuota;
import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.Payload;
import dev.weir.service.partition.ProducerSession;
import dev.weir.service.session.CallInfo;
import dev.weir.service.session.ServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.check.InvalidBatch;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Takes the batches of one open publishing session: checks each, hands it to its partition in the
 * order of arrival, and tells the session what came of it. Owned by the event loop; the writers'
 * replies are posted to it.
 */
@OwnedBy("event loop")
final class BatchSubmitter {
  private final ServerContext context;
  private final Loop loop;
  private final Session session;
  private final ServedTopic topic;
  private final PublishWindow window;
  private final BoundSensorIds bound;
  private final BatchLimits batchLimits;
  private final BatchCheckQueue<PayloadCheck.Arrival, Payload> checks;
  private final QueueFullRefusals fullQueues;

  /** The session that batches belong to. Event loop only. */
  interface Session extends ProducerSession {
    /** Returns whether it has ended, so that no answer is of use. */
    boolean isClosed();

    /** The quota that its readings are charged to. */
    ClientQuota client();

    /** A batch is stored. */
    void stored(PayloadCheck.Arrival arrival, PartitionResult.Stored stored);

    /** A batch is not stored. */
    void rejected(PayloadCheck.Arrival arrival, PartitionResult.Rejected rejected);

    /** Answers a batch whose outcome is unknown. */
    void unknown(PayloadCheck.Arrival arrival, PartitionResult.Unknown unknown);
  }

  BatchSubmitter(
      ServerContext context,
      Loop loop,
      CallInfo call,
      Session session,
      ServedTopic topic,
      PublishWindow window,
      BoundSensorIds bound) {
    this.context = context;
    this.loop = loop;
    this.session = session;
    this.topic = topic;
    this.window = window;
    this.bound = bound;
    this.batchLimits = context.batchLimits();
    this.checks =
        new BatchCheckQueue<>(
            loop,
            context.control(),
            call,
            window,
            new BatchCheckQueue.Check<>(
                PayloadCheck.Arrival::messageBytes,
                arrival ->
                    PayloadCheck.recode(
                        arrival, topic, bound, batchLimits, context.epochNanos().getAsLong()),
                (arrival, fault) -> new Payload.Refused(new InvalidBatch(fault, List.of()))),
            this::submit);
    this.fullQueues = new QueueFullRefusals(topic, context.control().retryDelay());
  }

  /** Everything up to the last sequences of the opening is stored. */
  void opened(List<PartitionResult.Opened> partitions) {
    fullQueues.stored(partitions);
  }

  /**
   * Takes a batch of an open session.
   *
   * @param wrongEnvelope why the message around it is refused, if it is
   */
  void take(PayloadCheck.Arrival arrival, Optional<Fault> wrongEnvelope) {
    if (arrival.partition() < 0 || arrival.partition() >= topic.partitions().size()) {
      int partitions = topic.partitions().size();
      String wrong = "is " + arrival.partition() + " (expected 0 to " + (partitions - 1) + ")";
      onResult(
          arrival, new PartitionResult.Rejected(Fault.invalid("partition", wrong), List.of(), 0));
      return;
    }
    Optional<Fault> wrong =
        wrongEnvelope.or(
            () ->
                arrival.sequence() > 0
                    ? Optional.empty()
                    : Optional.of(Fault.invalid("sequence", "must be from 1 to 2^63 - 1")));
    if (wrong.isPresent()) {
      checks.take(arrival, new Payload.Refused(new InvalidBatch(wrong.get(), List.of())));
      return;
    }
    boolean small =
        arrival.batch().length() <= context.limits().getInt(Limit.INLINE_CHECK_BYTES_MAX);
    Payload ready = small ? PayloadCheck.ready(arrival, topic, bound, batchLimits) : null;
    if (ready != null) {
      checks.take(arrival, ready);
    } else if (window.isOver()) { // it would wait for the pool with its bytes
      checks.take(
          arrival.emptied(),
          new Payload.Refused(
              new InvalidBatch(context.publishersLack(arrival.messageBytes()), List.of())));
    } else {
      checks.take(arrival);
    }
  }

  private void submit(PayloadCheck.Arrival arrival, Payload payload) {
    if (session.isClosed()) {
      return;
    }
    int partition = arrival.partition();
    long sequence = arrival.sequence();
    int more = payload.memoryBytes();
    Consumer<PartitionResult> reply = result -> loop.post(() -> onReply(arrival, more, result));
    var append =
        new PartitionRequest.Append(
            session, session.producer(), session.epoch(), sequence, payload, reply);
    boolean over = window.isOver() || arrival.isEmptied();
    Optional<Fault> notNow =
        over
            ? Optional.empty()
            : context.publish(session.client(), payload.readings(), arrival.messageBytes());
    if (!over && notNow.isEmpty() && topic.partitions().get(partition).offer(append)) {
      window.lend(arrival.messageBytes(), more);
      fullQueues.taken(partition, sequence);
    } else if (fullQueues.isStored(partition, sequence) && !payload.isBad()) {
      onResult(
          arrival,
          new PartitionResult.Stored(true, 0, PayloadCheck.known(payload, topic.sensors())));
    } else {
      Optional<Fault> why =
          over ? Optional.of(context.noRoomToPublish(arrival.messageBytes())) : notNow;
      onResult(arrival, fullQueues.refused(partition, sequence, why));
    }
  }

  private void onReply(PayloadCheck.Arrival arrival, int more, PartitionResult result) {
    window.takeBack(arrival.messageBytes(), more);
    if (!session.isClosed()) {
      onResult(arrival, result);
    }
  }

  private void onResult(PayloadCheck.Arrival arrival, PartitionResult result) {
    window.free(arrival.messageBytes());
    if (result instanceof PartitionResult.Stored stored) {
      fullQueues.stored(arrival.partition(), arrival.sequence());
      context.meters().stored(topic.info().name(), stored.duplicate(), stored.readings());
      bound.bind(stored.bindings());
      session.stored(arrival, stored);
    } else if (result instanceof PartitionResult.Rejected rejected) {
      context.meters().rejected(topic.info().name());
      session.rejected(arrival, rejected);
    } else if (result instanceof PartitionResult.Unknown unknown) {
      session.unknown(arrival, unknown);
    }
  }

  /** Drops the batches that are being checked. */
  void close() {
    checks.close();
  }
}
