package dev.weir.service.wire;

import dev.weir.service.core.Slice;

/** Reads the envelope of a publisher's batch without touching the batch. */
public final class PublishEnvelope {
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
    var in = new WireReader(message.array(), message.offset(), message.end());
    if (!in.tag(Tags.STREAM_BATCH) || in.length() != in.left()) {
      return null;
    }
    boolean partitionSeen = false;
    boolean sequenceSeen = false;
    int partition = 0;
    long sequence = 0;
    Slice batch = null;
    while (in.left() > 0) {
      if (!partitionSeen && in.tag(Tags.ENVELOPE_PARTITION)) {
        partitionSeen = true;
        partition = in.uint32();
      } else if (!sequenceSeen && in.tag(Tags.ENVELOPE_SEQUENCE)) {
        sequenceSeen = true;
        sequence = in.varint();
      } else if (batch == null && in.tag(Tags.ENVELOPE_BATCH)) {
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
