package dev.weir.service.latest;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.check.BatchRecoder;
import dev.weir.service.wire.check.NamedBatch;
import dev.weir.service.wire.check.SensorKinds;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A reading as the generated classes see it: the judge of last values. Doubles as their bits.
 *
 * @param kind number of its kind
 * @param timeNanos its event time
 * @param value bits, number, truth, text or blob; null for too large
 * @param offset of its record
 * @param row in the record
 */
public record ExpectedReading(int kind, long timeNanos, Object value, long offset, int row) {
  public static final long NOW = 1_700_000_000_000_000_000L;

  /** A sensor's number gives its kind. */
  public static int kind(int sensor) {
    return 1 + sensor % 5;
  }

  public static String name(int sensor) {
    return "s" + sensor;
  }

  /** Readings of random sensors with event times that often are the same. */
  static Slice batch(Random random, int readings, int[] sensors) {
    return canonical(rows(random, readings, sensors));
  }

  /** The same as rows. */
  public static Batch rows(Random random, int readings, int[] sensors) {
    Batch.Builder batch = Batch.newBuilder();
    for (int i = 0; i < readings; i++) {
      int sensor = sensors[random.nextInt(sensors.length)];
      Reading.Builder reading = Reading.newBuilder().setSensor(name(sensor));
      long time = random.nextInt(20) == 0 ? random.nextLong() : NOW + random.nextInt(8);
      reading
          .getTimeBuilder()
          .setSeconds(Math.floorDiv(time, 1_000_000_000))
          .setNanos(Math.floorMod(time, 1_000_000_000));
      switch (kind(sensor)) {
        case Kind.KIND_DOUBLE_VALUE -> reading.setDouble(random.nextGaussian());
        case Kind.KIND_INTEGER_VALUE -> reading.setInteger(random.nextLong());
        case Kind.KIND_BOOLEAN_VALUE -> reading.setBoolean(random.nextBoolean());
        case Kind.KIND_TEXT_VALUE -> reading.setText("é".repeat(random.nextInt(12)));
        default -> reading.setBlob(ByteString.copyFrom(new byte[random.nextInt(24)]));
      }
      batch.addRows(reading);
    }
    return batch.build();
  }

  /** Rows with sensors named by their ids, in canonical form. */
  static Slice canonical(Batch rows) {
    var limits = new BatchLimits(1 << 20, 1 << 20);
    NamedBatch named = (NamedBatch) BatchRecoder.decode(rows, SensorKinds.NONE, NOW, limits);
    int[] ids =
        named.sensors().stream()
            .mapToInt(sensor -> Integer.parseInt(sensor.getName().substring(1)))
            .toArray();
    return named.encode(ids);
  }

  /** Folds a batch by the rule: the greatest event time, among equals the later in the log. */
  public static void fold(Slice batch, long offset, Map<Integer, ExpectedReading> into) {
    int row = 0;
    for (Columns columns : parse(batch).getColumnsList()) {
      for (int i = 0; i < columns.getCount(); i++) {
        int sensor = columns.getSensorIds(columns.getSensorIdsCount() == 1 ? 0 : i);
        ExpectedReading next = of(columns, i, offset, row++);
        ExpectedReading before = into.get(sensor);
        if (before == null || next.timeNanos >= before.timeNanos) {
          into.put(sensor, next);
        }
      }
    }
  }

  public static Batch parse(Slice batch) {
    try {
      return Batch.parseFrom(batch.toBytes());
    } catch (InvalidProtocolBufferException wrong) {
      throw new AssertionError(wrong);
    }
  }

  private static ExpectedReading of(Columns columns, int i, long offset, int row) {
    long unit = columns.getTimeUnit() == 0 ? 1 : columns.getTimeUnit();
    long units = columns.getTimeOffsetsCount() == 0 ? 0 : columns.getTimeOffsets(i);
    long time = columns.getTimeBase() + i * columns.getTimeStep() + units * unit;
    if (columns.getDoublesCount() > 0) {
      long bits = Double.doubleToRawLongBits(columns.getDoubles(i));
      return new ExpectedReading(Kind.KIND_DOUBLE_VALUE, time, bits, offset, row);
    } else if (columns.getIntegersCount() > 0) {
      return new ExpectedReading(
          Kind.KIND_INTEGER_VALUE, time, columns.getIntegers(i), offset, row);
    } else if (columns.getBooleansCount() > 0) {
      return new ExpectedReading(
          Kind.KIND_BOOLEAN_VALUE, time, columns.getBooleans(i), offset, row);
    } else if (columns.getTextsCount() > 0) {
      return new ExpectedReading(Kind.KIND_TEXT_VALUE, time, columns.getTexts(i), offset, row);
    }
    return new ExpectedReading(Kind.KIND_BLOB_VALUE, time, columns.getBlobs(i), offset, row);
  }

  /** All values of a cut, by sensor id. */
  public static Map<Integer, ExpectedReading> of(LastValuesCut cut) {
    Map<Integer, ExpectedReading> values = new TreeMap<>();
    for (int ordinal = 0; ordinal < cut.ordinals(); ordinal++) {
      if (cut.has(ordinal)) {
        values.put(
            cut.sensorId(ordinal),
            new ExpectedReading(
                cut.kind(ordinal),
                cut.timeNanos(ordinal),
                value(cut, ordinal),
                cut.offset(ordinal),
                cut.row(ordinal)));
      }
    }
    return values;
  }

  private static Object value(LastValuesCut cut, int ordinal) {
    if (cut.tooLarge(ordinal)) {
      return null;
    }
    ByteString bytes = ByteString.copyFrom(cut.bytes(ordinal).toBytes());
    return switch (cut.kind(ordinal)) {
      case Kind.KIND_DOUBLE_VALUE, Kind.KIND_INTEGER_VALUE -> cut.bits(ordinal);
      case Kind.KIND_BOOLEAN_VALUE -> cut.bits(ordinal) == 1;
      case Kind.KIND_TEXT_VALUE -> bytes.toStringUtf8();
      default -> bytes;
    };
  }

  /** The value that a row states. */
  public static Object value(Reading reading) {
    return switch (reading.getValueCase()) {
      case DOUBLE -> Double.doubleToRawLongBits(reading.getDouble());
      case INTEGER -> reading.getInteger();
      case BOOLEAN -> reading.getBoolean();
      case TEXT -> reading.getText();
      case BLOB -> reading.getBlob();
      case VALUE_NOT_SET -> throw new AssertionError("no value: " + reading);
    };
  }

  /** The sensor ids of one partition of a topic with so many. */
  static int[] sensors(int partition, int partitionCount, int count) {
    List<Integer> ids = new ArrayList<>();
    for (int ordinal = 0; ordinal < count; ordinal++) {
      ids.add(ordinal * partitionCount + partition);
    }
    return ids.stream().mapToInt(id -> id).toArray();
  }
}
