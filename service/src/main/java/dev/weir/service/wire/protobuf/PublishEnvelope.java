package dev.weir.service.wire.protobuf;

import dev.weir.common.protobuf.FieldTags;
import dev.weir.common.protobuf.ProtobufReader;
import dev.weir.service.core.Slice;

/** Reads the envelope of a publisher's batch without touching the batch. */
public final class PublishEnvelope {
  private static final int NONE = 1 << 8; // no byte

  private PublishEnvelope() {}

  /**
   * A batch on its way in. Immutable.
   *
   * @param partition the partition it is checked against, not negative
   * @param sequence its sequence, unsigned
   * @param batch the bytes of the {@code weir.v1.Batch}, unchecked
   */
  public record Envelope(int partition, long sequence, Slice batch) {}

  /**
   * The envelope of a {@code PublishStreamRequest} that is one plain {@code batch}: no other or
   * repeated field, and the batch present. Otherwise null: use the generated parser.
   */
  public static Envelope parse(Slice message) {
    return parse(
        message,
        FieldTags.STREAM_BATCH,
        FieldTags.ENVELOPE_PARTITION,
        FieldTags.ENVELOPE_SEQUENCE,
        FieldTags.ENVELOPE_BATCH);
  }

  /** The same of an {@code UploadRequest}, which has no partition: 0. */
  public static Envelope parseUpload(Slice message) {
    return parse(
        message,
        FieldTags.UPLOAD_BATCH,
        NONE,
        FieldTags.UPLOAD_ENVELOPE_SEQUENCE,
        FieldTags.UPLOAD_ENVELOPE_BATCH);
  }

  private static Envelope parse(
      Slice message, int outerTag, int partitionTag, int sequenceTag, int batchTag) {
    var in = new ProtobufReader(message.array(), message.offset(), message.end());
    if (!in.tag(outerTag) || in.length() != in.left()) {
      return null;
    }
    boolean partitionSeen = false;
    boolean sequenceSeen = false;
    int partition = 0;
    long sequence = 0;
    Slice batch = null;
    while (in.left() > 0) {
      if (!partitionSeen && in.tag(partitionTag)) {
        partitionSeen = true;
        partition = in.uint32();
      } else if (!sequenceSeen && in.tag(sequenceTag)) {
        sequenceSeen = true;
        sequence = in.varint();
      } else if (batch == null && in.tag(batchTag)) {
        int length = in.length();
        batch = new Slice(message.array(), in.at(), length);
        in.skip(length);
      } else {
        return null;
      }
    }
    return in.failed() || batch == null || partition < 0
        ? null
        : new Envelope(partition, sequence, batch);
  }
}
