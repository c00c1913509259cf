package dev.weir.client.internal.batch;

import dev.weir.common.OwnedBy;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.common.protobuf.ProtobufReader;
import dev.weir.common.protobuf.TimeColumn;
import dev.weir.common.protobuf.Varint;
import dev.weir.v1.Kind;
import java.nio.charset.StandardCharsets;

/**
 * Writes batches as the bytes of {@code weir.v1.Batch}: columns with ids, one run per kind. Owned
 * by the loop, because it keeps its scratch arrays.
 */
@OwnedBy("loop")
public final class BatchEncoder {
  private final TimeColumn[] times = new TimeColumn[Kind.KIND_BLOB_VALUE + 1];
  private final int[] idBytes = new int[Kind.KIND_BLOB_VALUE + 1];
  private final int[] runBytes = new int[Kind.KIND_BLOB_VALUE + 1];

  private int missing;

  public BatchEncoder() {
    for (int kind = Kind.KIND_DOUBLE_VALUE; kind <= Kind.KIND_BLOB_VALUE; kind++) {
      times[kind] = new TimeColumn();
    }
  }

  /**
   * The bytes of a batch; null where a sensor is not bound, see {@link #missing}. May be called
   * again for the same batch.
   */
  public byte[] encode(ReadingBatch batch, SessionSensorIds ids) {
    missing = 0;
    int total = 0;
    for (int kind = Kind.KIND_DOUBLE_VALUE; kind <= Kind.KIND_BLOB_VALUE; kind++) {
      ColumnBuffer column = batch.columnOrNull(kind);
      if (column == null) {
        continue;
      }
      idBytes[kind] = measureIds(column, ids);
      times[kind].plan(column.times, column.count);
      runBytes[kind] = measureRun(column, times[kind], idBytes[kind]);
      total += 1 + Varint.size(runBytes[kind]) + runBytes[kind];
    }
    if (missing != 0) {
      return null;
    }
    byte[] traceparent = batch.traceparent().getBytes(StandardCharsets.US_ASCII);
    total += traceparent.length == 0 ? 0 : 1 + Varint.size(traceparent.length) + traceparent.length;
    return write(batch, ids, traceparent, new byte[total]);
  }

  /**
   * Returns why the last encode gave nothing: {@link SessionSensorIds#REFUSED} where one of its
   * sensors is, else {@link SessionSensorIds#UNBOUND}.
   */
  public int missing() {
    return missing;
  }

  /**
   * Bytes of the id column; replaces slots by nothing, so that a later session may have other ids.
   */
  private int measureIds(ColumnBuffer column, SessionSensorIds ids) {
    int first = idOf(column.slots[0], ids);
    boolean same = true;
    int bytes = 0;
    for (int i = 0; i < column.count; i++) {
      int id = idOf(column.slots[i], ids);
      same &= id == first;
      bytes += Varint.size(id);
    }
    return same ? -Varint.size(first) : bytes;
  }

  private int idOf(int slot, SessionSensorIds ids) {
    int id = ids.idOf(slot);
    if (id < 0 && (missing == 0 || id == SessionSensorIds.REFUSED)) {
      missing = id;
    }
    return Math.max(id, 0);
  }

  /** A negative size of ids means one entry for all readings. */
  private static int measureRun(ColumnBuffer column, TimeColumn time, int ids) {
    int bytes = 1 + Varint.size(column.count) + field(Math.abs(ids));
    bytes += time.base == 0 ? 0 : 1 + Long.BYTES;
    bytes += time.step == 0 ? 0 : 1 + Varint.size(Varint.zigzag(time.step));
    if (time.offsetBytes > 0) {
      bytes += time.unit == 1 ? 0 : 1 + Varint.size(time.unit);
      bytes += field(time.offsetBytes);
    }
    return bytes + (isEntries(column.kind) ? column.valueBytes : field(column.valueBytes));
  }

  private static int field(int bytes) {
    return 1 + Varint.size(bytes) + bytes;
  }

  private static boolean isEntries(int kind) {
    return kind >= Kind.KIND_TEXT_VALUE;
  }

  private byte[] write(ReadingBatch batch, SessionSensorIds ids, byte[] traceparent, byte[] out) {
    int at = 0;
    for (int kind = Kind.KIND_DOUBLE_VALUE; kind <= Kind.KIND_BLOB_VALUE; kind++) {
      ColumnBuffer column = batch.columnOrNull(kind);
      if (column == null) {
        continue;
      }
      out[at++] = FieldTags.BATCH_COLUMNS;
      at = Varint.put(out, at, runBytes[kind]);
      at = writeIds(column, ids, idBytes[kind], out, at);
      at = writeTimes(times[kind], column.count, out, at);
      if (!isEntries(kind)) {
        out[at++] = (byte) FieldTags.values(kind);
        at = Varint.put(out, at, column.valueBytes);
      }
      System.arraycopy(column.values, 0, out, at, column.valueBytes);
      at += column.valueBytes;
    }
    if (traceparent.length > 0) {
      out[at++] = FieldTags.BATCH_TRACEPARENT;
      at = Varint.put(out, at, traceparent.length);
      System.arraycopy(traceparent, 0, out, at, traceparent.length);
      at += traceparent.length;
    }
    if (at != out.length) {
      throw new IllegalStateException("batch: " + at + " bytes (expected " + out.length + ")");
    }
    return out;
  }

  private static int writeIds(
      ColumnBuffer column, SessionSensorIds ids, int bytes, byte[] out, int from) {
    int at = from;
    out[at++] = FieldTags.COUNT;
    at = Varint.put(out, at, column.count);
    out[at++] = FieldTags.SENSOR_IDS;
    at = Varint.put(out, at, Math.abs(bytes));
    int entries = bytes < 0 ? 1 : column.count;
    for (int i = 0; i < entries; i++) {
      at = Varint.put(out, at, ids.idOf(column.slots[i]));
    }
    return at;
  }

  private static int writeTimes(TimeColumn time, int count, byte[] out, int from) {
    int at = from;
    if (time.base != 0) {
      out[at++] = FieldTags.TIME_BASE;
      ProtobufReader.LITTLE_ENDIAN_LONG.set(out, at, time.base);
      at += Long.BYTES;
    }
    if (time.step != 0) {
      out[at++] = FieldTags.TIME_STEP;
      at = Varint.put(out, at, Varint.zigzag(time.step));
    }
    if (time.offsetBytes > 0) {
      if (time.unit != 1) {
        out[at++] = FieldTags.TIME_UNIT;
        at = Varint.put(out, at, time.unit);
      }
      out[at++] = FieldTags.TIME_OFFSETS;
      at = Varint.put(out, at, time.offsetBytes);
      at = time.putOffsets(out, at, count);
    }
    return at;
  }
}
