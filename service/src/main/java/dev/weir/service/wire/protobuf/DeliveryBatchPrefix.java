package dev.weir.service.wire.protobuf;

import dev.weir.common.protobuf.FieldTags;
import dev.weir.service.core.Slice;

/** The field entry of {@code Delivery.batches} around a stored batch. */
public final class DeliveryBatchPrefix {
  private static final int PREFIX_BYTES_MAX = 6;

  private DeliveryBatchPrefix() {}

  /**
   * Tag and length, to be followed by the batch's own bytes as the next part of a frame, so that
   * the batch is never copied.
   */
  public static Slice prefix(int batchBytes) {
    var sink = new ProtobufWriter(PREFIX_BYTES_MAX);
    sink.put(FieldTags.DELIVERY_BATCHES);
    sink.varint(batchBytes);
    return Slice.of(sink.toBytes());
  }
}
