package dev.weir.service.wire.check;

import dev.weir.service.core.Slice;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** What a batch says, read with the generated classes only: the judge of everything here. */
public final class GeneratedBatchReader {
  /** One reading; a double as its bits, so that NaN payloads and -0.0 count. */
  public record Row(String sensor, long timeNanos, Object value) {}

  private GeneratedBatchReader() {}

  public static List<Row> of(Batch batch, long receivedNanos, IntFunction<String> nameOfId) {
    var rows = new ArrayList<Row>();
    for (Columns columns : batch.getColumnsList()) {
      for (int i = 0; i < columns.getCount(); i++) {
        rows.add(new Row(sensor(batch, columns, i, nameOfId), time(columns, i), value(columns, i)));
      }
    }
    for (Reading reading : batch.getRowsList()) {
      rows.add(row(reading, receivedNanos));
    }
    return rows;
  }

  public static Row row(Reading reading, long receivedNanos) {
    long time =
        reading.hasTime()
            ? reading.getTime().getSeconds() * 1_000_000_000 + reading.getTime().getNanos()
            : receivedNanos;
    Object value =
        switch (reading.getValueCase()) {
          case DOUBLE -> Double.doubleToRawLongBits(reading.getDouble());
          case INTEGER -> reading.getInteger();
          case BOOLEAN -> reading.getBoolean();
          case TEXT -> reading.getText();
          case BLOB -> reading.getBlob();
          case VALUE_NOT_SET -> throw new AssertionError("no value: " + reading);
        };
    return new Row(reading.getSensor(), time, value);
  }

  static Slice bytes(Batch batch) {
    return Slice.of(batch.toByteArray());
  }

  private static String sensor(Batch batch, Columns columns, int i, IntFunction<String> nameOfId) {
    if (columns.getSensorIdsCount() > 0) {
      return nameOfId.apply(columns.getSensorIds(columns.getSensorIdsCount() == 1 ? 0 : i));
    }
    int ref = columns.getSensorRefs(columns.getSensorRefsCount() == 1 ? 0 : i);
    return batch.getSensors(ref).getName();
  }

  private static long time(Columns columns, int i) {
    long unit = columns.getTimeUnit() == 0 ? 1 : columns.getTimeUnit();
    long offset = columns.getTimeOffsetsCount() == 0 ? 0 : columns.getTimeOffsets(i);
    return columns.getTimeBase() + i * columns.getTimeStep() + offset * unit;
  }

  private static Object value(Columns columns, int i) {
    if (columns.getDoublesCount() > 0) {
      return Double.doubleToRawLongBits(columns.getDoubles(i));
    } else if (columns.getIntegersCount() > 0) {
      return columns.getIntegers(i);
    } else if (columns.getBooleansCount() > 0) {
      return columns.getBooleans(i);
    } else if (columns.getTextsCount() > 0) {
      return columns.getTexts(i);
    }
    return columns.getBlobs(i);
  }
}
