package dev.weir.client.internal.batch;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import java.util.function.IntUnaryOperator;

/** Reads batches of {@link BatchEncoder} back, for an encoding with other ids. Stateless. */
public final class EncodedBatchReader {
  private EncodedBatchReader() {}

  /**
   * The readings of an encoded batch.
   *
   * @param promise what is owed for them
   * @param slotOf the slots of the ids in it
   */
  public static ReadingBatch decode(byte[] body, BatchFutures promise, IntUnaryOperator slotOf) {
    Batch encoded = parse(body);
    ReadingBatch batch = new ReadingBatch(promise, encoded.getTraceparent(), 0, 0);
    forEach(
        encoded,
        (columns, i) ->
            add(batch, slotOf.applyAsInt(idOf(columns, i)), timeNanos(columns, i), columns, i));
    return batch;
  }

  /**
   * The readings of a spool's frame, a batch for each partition that has some; null where a sensor
   * is not known.
   *
   * @param slotOf the slots of the ids in it; below 0: not known
   * @param partitionOf the partitions of slots
   */
  public static ReadingBatch[] split(
      byte[] body,
      long frame,
      int partitionCount,
      IntUnaryOperator slotOf,
      IntUnaryOperator partitionOf) {
    ReadingBatch[] parts = new ReadingBatch[partitionCount];
    Batch encoded = parse(body);
    for (Columns columns : encoded.getColumnsList()) {
      if (columns.getSensorIdsList().stream().anyMatch(id -> slotOf.applyAsInt(id) < 0)) {
        return null;
      }
    }
    forEach(
        encoded,
        (columns, i) -> {
          int slot = slotOf.applyAsInt(idOf(columns, i));
          int partition = partitionOf.applyAsInt(slot);
          if (parts[partition] == null) {
            parts[partition] =
                ReadingBatch.ofPiece(new FramePiece(frame, 0), encoded.getTraceparent());
          }
          add(parts[partition], slot, timeNanos(columns, i), columns, i);
        });
    return parts;
  }

  private static Batch parse(byte[] body) {
    try {
      return Batch.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a batch of this client does not parse", e);
    }
  }

  /** Takes one reading of columns. */
  private interface Visitor {
    void visit(Columns columns, int i);
  }

  private static void forEach(Batch encoded, Visitor visitor) {
    for (Columns columns : encoded.getColumnsList()) {
      for (int i = 0; i < columns.getCount(); i++) {
        visitor.visit(columns, i);
      }
    }
  }

  private static int idOf(Columns columns, int i) {
    return columns.getSensorIds(columns.getSensorIdsCount() == 1 ? 0 : i);
  }

  private static long timeNanos(Columns columns, int i) {
    long steady = columns.getTimeBase() + i * columns.getTimeStep();
    return columns.getTimeOffsetsCount() == 0
        ? steady
        : steady + columns.getTimeOffsets(i) * Math.max(1, columns.getTimeUnit());
  }

  private static void add(ReadingBatch batch, int slot, long timeNanos, Columns from, int i) {
    int payloadBytes = 0;
    if (from.getDoublesCount() > 0) {
      batch.column(Kind.KIND_DOUBLE_VALUE).addDouble(slot, timeNanos, from.getDoubles(i));
    } else if (from.getIntegersCount() > 0) {
      batch.column(Kind.KIND_INTEGER_VALUE).addInteger(slot, timeNanos, from.getIntegers(i));
    } else if (from.getBooleansCount() > 0) {
      batch.column(Kind.KIND_BOOLEAN_VALUE).addBoolean(slot, timeNanos, from.getBooleans(i));
    } else {
      boolean text = from.getTextsCount() > 0;
      ByteString value = text ? from.getTextsBytes(i) : from.getBlobs(i);
      batch
          .column(text ? Kind.KIND_TEXT_VALUE : Kind.KIND_BLOB_VALUE)
          .addBytes(slot, timeNanos, value.toByteArray());
      payloadBytes = value.size();
    }
    batch.added(payloadBytes);
  }
}
