package dev.weir.service.session.publish;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.RequestParser;
import dev.weir.service.session.ServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.check.BatchRecoder;
import dev.weir.service.wire.check.InvalidBatch;
import dev.weir.service.wire.check.MessageBytesCheck;
import dev.weir.service.wire.check.NamedBatch;
import dev.weir.service.wire.check.RecodeResult;
import dev.weir.service.wire.check.SensorKinds;
import dev.weir.service.wire.check.UnknownFieldCheck;
import dev.weir.service.wire.protobuf.PublishEnvelope;
import dev.weir.v1.UploadRequest;
import java.util.List;
import java.util.Optional;

/**
 * Reads the messages of an upload behind {@code open}. Immutable; used on the control pool.
 *
 * @param context states what a message may hold
 * @param topic the batches are for
 * @param sequenced each batch needs a sequence; otherwise none may have one
 */
record UploadCheck(ServerContext context, ServedTopic topic, boolean sequenced) {
  /** The result of checking a message of an upload. */
  sealed interface Checked {}

  /**
   * A batch that its partition may take.
   *
   * @param partition all its sensors belong to
   * @param sequence its sequence; 0 for none
   * @param batch the batch
   */
  record Good(int partition, long sequence, NamedBatch batch) implements Checked {}

  /**
   * A batch that is not stored.
   *
   * @param sequence its sequence; 0 for none, or where it cannot be read
   * @param bad why
   */
  record Refused(long sequence, InvalidBatch bad) implements Checked {}

  /**
   * No batch at all: the upload ends.
   *
   * @param fault why
   */
  record NoBatch(Fault fault) implements Checked {}

  /**
   * Reads one message.
   *
   * @param receivedNanos the time of rows that state none, Unix nanoseconds
   */
  Checked check(Slice message, long receivedNanos) {
    PublishEnvelope.Envelope plain = PublishEnvelope.parseUpload(message);
    if (plain != null) {
      return check(plain.sequence(), plain.batch(), receivedNanos);
    }
    Optional<Fault> refusal =
        RequestParser.refusal(context, UploadRequest.getDescriptor(), message);
    if (refusal.isPresent()) {
      return refused(0, refusal.get());
    }
    try {
      return unusual(
          UploadRequest.parser().parseFrom(message.array(), message.offset(), message.length()),
          receivedNanos);
    } catch (InvalidProtocolBufferException malformed) {
      return refused(0, MessageBytesCheck.malformed(UploadRequest.getDescriptor(), message));
    }
  }

  /** A message that only the generated parser reads. */
  private Checked unusual(UploadRequest request, long receivedNanos) {
    if (request.hasOpen()) {
      return new NoBatch(
          Fault.of(ErrorCode.SESSION_NOT_OPEN, "The upload is open already. Send `open` once."));
    }
    UploadRequest.Builder envelope = request.toBuilder();
    if (request.hasBatch()) {
      envelope.getBatchBuilder().clearBatch(); // what is inside is checked with the batch
    }
    Optional<Fault> unknown =
        UnknownFieldCheck.find(envelope.build())
            .map(path -> Fault.unimplemented(path, "this server does not know it; leave it out"));
    if (!request.hasBatch()) {
      return new NoBatch(unknown.orElse(Fault.invalid("request", "is not set (expected a batch)")));
    }
    long sequence = request.getBatch().getSequence();
    return unknown.isPresent()
        ? refused(sequence, unknown.get())
        : check(sequence, Slice.of(request.getBatch().getBatch().toByteArray()), receivedNanos);
  }

  private Checked check(long sequence, Slice bytes, long receivedNanos) {
    if (sequenced ? sequence <= 0 : sequence != 0) {
      return refused(
          sequence,
          Fault.invalid(
              "sequence",
              sequenced
                  ? "must be from 1 to 2^63 - 1, because the upload has a producer"
                  : "must be left out, because the upload has no producer"));
    }
    RecodeResult recoded =
        BatchRecoder.decode(bytes, SensorKinds.NONE, receivedNanos, context.batchLimits());
    if (!(recoded instanceof NamedBatch batch)) {
      return new Refused(sequence, (InvalidBatch) recoded);
    }
    int[] partitions = PayloadCheck.partitions(batch, topic);
    for (int partition : partitions) {
      if (partition != partitions[0]) {
        return refused(sequence, PayloadCheck.spansPartitions(partitions[0]));
      }
    }
    return new Good(partitions.length == 0 ? 0 : partitions[0], sequence, batch);
  }

  /** Returns the result for a message that was not even read. */
  static Refused refused(Slice message, Fault fault) {
    PublishEnvelope.Envelope plain = PublishEnvelope.parseUpload(message);
    return refused(plain == null ? 0 : plain.sequence(), fault);
  }

  private static Refused refused(long sequence, Fault fault) {
    return new Refused(sequence, new InvalidBatch(fault, List.of()));
  }
}
