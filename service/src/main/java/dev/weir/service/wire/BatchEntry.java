package dev.weir.service.wire;

import dev.weir.service.core.Slice;

/** The field entry of {@code Delivery.batches} around a stored batch. */
public final class BatchEntry {
  private static final int PREFIX_BYTES_MAX = 6;

  private BatchEntry() {}

  /**
   * Tag and length, to be followed by the batch's own bytes as the next part of a frame, so that
   * the batch is never copied.
   */
  public static Slice prefix(int batchBytes) {
    var sink = new ByteSink(PREFIX_BYTES_MAX);
    sink.put(Tags.DELIVERY_BATCHES);
    sink.varint(batchBytes);
    return Slice.of(sink.toBytes());
  }
}
