package dev.weir.service.session.publish;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.sequence.ProducerEpochs;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.session.ProblemMessages;
import dev.weir.service.session.SessionOpenRules;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.check.UnknownFieldCheck;
import dev.weir.service.wire.names.TopicNameRule;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.PublishLimits;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.Window;
import java.util.List;
import java.util.Optional;

/** The rules of opening a publishing session, and its answer. Stateless. */
final class PublishOpenCheck {
  private PublishOpenCheck() {}

  /** Returns what is wrong with an {@code open}, if anything. */
  static Optional<Fault> publish(PublishStreamRequest request, Limits limits) {
    PublishOpen open = request.getOpen();
    return UnknownFieldCheck.fault(request)
        .or(() -> topic(open.getTopic()))
        .or(() -> producer(open.getProducer(), open.getEpoch(), limits))
        .or(() -> attempt(open.getInstance(), open.getAttempt()))
        .or(() -> SessionOpenRules.client("open.client", open.getClient(), limits));
  }

  private static Optional<Fault> attempt(long instance, long attempt) {
    if (instance == 0 && attempt != 0) {
      return Optional.of(Fault.invalid("open.instance", "is required where `attempt` is given"));
    }
    return instance != 0 && attempt <= 0
        ? Optional.of(
            Fault.invalid("open.attempt", "must be from 1 to 2^63 - 1 where `instance` is given"))
        : Optional.empty();
  }

  /** The same for an upload. */
  static Optional<Fault> upload(UploadRequest request, Limits limits) {
    UploadOpen open = request.getOpen();
    return UnknownFieldCheck.fault(request)
        .or(() -> topic(open.getTopic()))
        .or(() -> producer(open.getProducer(), open.getEpoch(), limits))
        .or(() -> SessionOpenRules.client("open.client", open.getClient(), limits));
  }

  private static Optional<Fault> topic(String name) {
    return TopicNameRule.checkForm(name).map(why -> Fault.invalid("open.topic", why));
  }

  private static Optional<Fault> producer(String producer, long epoch, Limits limits) {
    return producer("open.producer", producer, limits).or(() -> openEpoch(producer, epoch));
  }

  private static Optional<Fault> openEpoch(String producer, long epoch) {
    return producer.isEmpty() && epoch != 0
        ? Optional.of(Fault.invalid("open.epoch", "needs a producer"))
        : epoch("open.epoch", epoch);
  }

  /** Returns what is wrong with a producer's epoch, if anything. */
  static Optional<Fault> epoch(String field, long epoch) {
    return ProducerEpochs.isBeyond(epoch)
        ? Optional.of(
            Fault.invalid(
                field,
                "is "
                    + Long.toUnsignedString(epoch)
                    + " (expected at most "
                    + ProducerEpochs.MAX
                    + ", more than a million below 2^63)"))
        : Optional.empty();
  }

  /** Returns the fault for a producer for which no greater epoch is left. */
  static Fault epochsUsedUp(String producer, long greatest) {
    return Fault.invalid(
        "open.epoch",
        String.format(
            "cannot be raised, because producer %s has epoch %d (expected below %d); use another"
                + " producer",
            producer, greatest, ProducerEpochs.MAX));
  }

  /** Returns what is wrong with a producer id, if anything; empty is right. */
  static Optional<Fault> producer(String field, String producer, Limits limits) {
    if (producer.chars().anyMatch(Character::isISOControl)) {
      return Optional.of(Fault.invalid(field, "must not contain control characters"));
    }
    return SessionOpenRules.longerThan(field, producer, Limit.PRODUCER_ID_BYTES_MAX, limits);
  }

  /** The answer to a good {@code open}. */
  static PublishOpened opened(
      String session,
      PublishSession publisher,
      ServedTopic topic,
      List<PartitionResult.Opened> partitions,
      Limits limits,
      Window window,
      boolean pings) {
    PublishOpened.Builder opened =
        PublishOpened.newBuilder()
            .setSession(session)
            .setProducer(publisher.producer())
            .setEpoch(publisher.epoch())
            .setLimits(
                PublishLimits.newBuilder()
                    .setMessageBytesMax(limits.getInt(Limit.MESSAGE_BYTES_MAX))
                    .setBatchReadingsMax(limits.getInt(Limit.BATCH_READINGS_MAX))
                    .setBatchSensorsMax(limits.getInt(Limit.BATCH_SENSORS_MAX)))
            .setLivenessInterval(SessionOpenRules.liveness(limits))
            .setWindow(window)
            .setDurability(topic.info().durability())
            .setLogId(String.format("%016x", topic.info().logId()));
    if (pings) {
      opened.setPingInterval(SessionOpenRules.pingInterval(limits));
    }
    for (int p = 0; p < partitions.size(); p++) {
      opened.addLastSequences(sequence(p, partitions.get(p)));
    }
    return opened.build();
  }

  private static PartitionSequence sequence(int partition, PartitionResult.Opened opened) {
    PartitionSequence.Builder sequence =
        PartitionSequence.newBuilder()
            .setPartition(partition)
            .setLastSequence(opened.lastSequence());
    opened
        .stopped()
        .ifPresent(
            stopped ->
                sequence
                    .setStopped(ProblemMessages.of(stopped.why()))
                    .setInDoubtThrough(stopped.inDoubtThrough()));
    return sequence.build();
  }
}
