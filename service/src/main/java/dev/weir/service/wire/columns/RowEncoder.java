package dev.weir.service.wire.columns;

import dev.weir.common.protobuf.FieldTags;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.protobuf.ProtobufWriter;
import dev.weir.v1.Delivery;
import dev.weir.v1.ReadResponse;
import java.util.function.IntFunction;

/** Encodes readings of canonical batches in the row form. Immutable; may be used by any thread. */
public final class RowEncoder {
  private static final int NANOS_PER_SECOND = 1_000_000_000;
  private static final int TIMESTAMP_SECONDS = 1 << 3;
  private static final int TIMESTAMP_NANOS = 2 << 3;

  private final int entryTag;
  private final IntFunction<byte[]> nameOf;

  private RowEncoder(int field, IntFunction<byte[]> nameOf) {
    this.entryTag = FieldTags.bytes(field);
    this.nameOf = nameOf;
  }

  /**
   * Entries of {@code Delivery.readings}.
   *
   * @param nameOf a sensor's name in UTF-8 by its id; asked once per reading
   */
  public static RowEncoder delivery(IntFunction<byte[]> nameOf) {
    return new RowEncoder(Delivery.READINGS_FIELD_NUMBER, nameOf);
  }

  /** Entries of {@code ReadResponse.readings}; otherwise as {@link #delivery}. */
  public static RowEncoder read(IntFunction<byte[]> nameOf) {
    return new RowEncoder(ReadResponse.READINGS_FIELD_NUMBER, nameOf);
  }

  /**
   * Encoded readings. Immutable.
   *
   * @param entries field entries, one per reading
   * @param readings how many
   * @param rowsDone rows of the stored batch that are done, where to go on
   */
  public record Rows(Slice entries, int readings, int rowsDone) {}

  /**
   * Encodes the readings of a set of rows, from one row on.
   *
   * @param rows which readings; of this batch
   * @param fromRow rows below it are done
   * @param readingsMax most readings, at least 1
   * @param bytesMax most bytes of entries; the first reading is taken even if it is larger
   * @param cursorAfterRows the cursor behind a reading, by the rows of the batch done with it;
   *     empty for none
   */
  public Rows rows(
      Slice batch,
      RowSet rows,
      int fromRow,
      int readingsMax,
      int bytesMax,
      IntFunction<String> cursorAfterRows) {
    var out = new ProtobufWriter(1024);
    var reading = new ProtobufWriter(256);
    var reader = new ColumnsReader(batch);
    int taken = 0;
    int end = 0;
    while (reader.nextRun()) {
      end += reader.count();
      if (rows.countBetween(Math.max(fromRow, reader.runFirstRow()), end) == 0) {
        continue;
      }
      while (reader.nextReading()) {
        int row = reader.row();
        if (row < fromRow || !rows.contains(row)) {
          continue;
        }
        if (taken == readingsMax) {
          return new Rows(out.slice(), taken, row);
        }
        int lengthBefore = out.length();
        reading.cutTo(0);
        writeReading(reader, reading, cursorAfterRows.apply(row + 1));
        out.field(entryTag, reading);
        if (out.length() > bytesMax && taken > 0) {
          out.cutTo(lengthBefore);
          return new Rows(out.slice(), taken, row);
        }
        taken++;
      }
    }
    return new Rows(out.slice(), taken, end);
  }

  private void writeReading(ColumnsReader reader, ProtobufWriter out, String cursor) {
    byte[] name = nameOf.apply(reader.sensorId());
    out.field(FieldTags.READING_SENSOR, name, 0, name.length);
    writeTime(out, reader.timeNanos());
    reader.putReadingValue(out);
    if (!cursor.isEmpty()) {
      out.ascii(FieldTags.READING_CURSOR, cursor);
    }
  }

  static void writeTime(ProtobufWriter out, long timeNanos) {
    long seconds = Math.floorDiv(timeNanos, NANOS_PER_SECOND);
    int nanos = (int) Math.floorMod(timeNanos, (long) NANOS_PER_SECOND);
    out.put(FieldTags.READING_TIME);
    int lengthAt = out.length();
    out.put(0);
    if (seconds != 0) {
      out.put(TIMESTAMP_SECONDS);
      out.varint(seconds);
    }
    if (nanos != 0) {
      out.put(TIMESTAMP_NANOS);
      out.varint(nanos);
    }
    out.set(lengthAt, out.length() - lengthAt - 1);
  }
}
