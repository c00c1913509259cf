package dev.weir.client.internal.batch;

import dev.weir.common.protobuf.FieldTags;
import dev.weir.common.protobuf.Varint;
import java.util.Arrays;

/** Writes what precedes the batch in a {@code PublishStreamRequest}. Stateless. */
public final class PublishRequestHeader {
  /** More than any head takes: three tags, a partition, a sequence, two lengths. */
  public static final int BYTES_MAX = 32;

  private PublishRequestHeader() {}

  /** The head of a request that holds a batch of so many bytes. */
  public static byte[] of(int partition, long sequence, int batchBytes) {
    int inner = partition == 0 ? 0 : 1 + Varint.size(partition);
    inner += 1 + Varint.size(sequence) + 1 + Varint.size(batchBytes);
    byte[] head = new byte[BYTES_MAX];
    head[0] = FieldTags.STREAM_BATCH;
    int at = Varint.put(head, 1, inner + batchBytes);
    if (partition != 0) {
      head[at++] = FieldTags.ENVELOPE_PARTITION;
      at = Varint.put(head, at, partition);
    }
    head[at++] = FieldTags.ENVELOPE_SEQUENCE;
    at = Varint.put(head, at, sequence);
    head[at++] = FieldTags.ENVELOPE_BATCH;
    at = Varint.put(head, at, batchBytes);
    return Arrays.copyOf(head, at);
  }
}
