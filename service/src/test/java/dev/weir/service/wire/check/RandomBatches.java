package dev.weir.service.wire.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import java.util.Random;

/** Legal batches of every form. A sensor's number gives its kind, so that they never clash. */
public final class RandomBatches {
  static final int SENSORS = 20;
  static final String TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private final Random random;

  public RandomBatches(long seed) {
    random = new Random(seed);
  }

  static int kind(int sensor) {
    return 1 + Math.floorMod(sensor, 5);
  }

  /** The ids 0 to SENSORS - 1 are bound. */
  public static final SensorKinds KINDS =
      id -> Integer.compareUnsigned(id, SENSORS) < 0 ? kind(id) : 0;

  static String name(int sensor) {
    return "plant/" + sensor;
  }

  /** Rows, columns with references, or columns with ids. */
  Batch any() {
    return switch (random.nextInt(3)) {
      case 0 -> rows();
      case 1 -> columns(false);
      default -> columns(true);
    };
  }

  Batch rows() {
    var batch = Batch.newBuilder();
    int count = 1 + random.nextInt(40);
    for (int i = 0; i < count; i++) {
      int sensor = random.nextInt(SENSORS);
      var reading = Reading.newBuilder().setSensor(name(sensor));
      if (random.nextInt(5) > 0) {
        reading.setTime(timestamp(time()));
      }
      switch (kind(sensor)) {
        case Kind.KIND_DOUBLE_VALUE -> reading.setDouble(doubleValue());
        case Kind.KIND_INTEGER_VALUE -> reading.setInteger(integer());
        case Kind.KIND_BOOLEAN_VALUE -> reading.setBoolean(random.nextBoolean());
        case Kind.KIND_TEXT_VALUE -> reading.setText(text());
        default -> reading.setBlob(blob());
      }
      batch.addRows(reading);
    }
    if (random.nextBoolean()) {
      batch.addSensors(sensor(random.nextInt(SENSORS)).setUnit("Cel"));
    }
    return traced(batch);
  }

  public Batch columns(boolean byId) {
    var batch = Batch.newBuilder();
    int runs = 1 + random.nextInt(4);
    for (int run = 0; run < runs; run++) {
      batch.addColumns(run(1 + random.nextInt(5), byId));
    }
    for (int i = 0; i < SENSORS && !byId; i++) {
      batch.addSensors(sensor(i));
    }
    return traced(batch);
  }

  private Batch traced(Batch.Builder batch) {
    return random.nextBoolean() ? batch.build() : batch.setTraceparent(TRACEPARENT).build();
  }

  private static Sensor.Builder sensor(int sensor) {
    return Sensor.newBuilder().setName(name(sensor)).setKindValue(kind(sensor));
  }

  private Columns run(int kind, boolean byId) {
    int count = random.nextInt(4) == 0 ? 1 : 1 + random.nextInt(60);
    var columns = Columns.newBuilder().setCount(count);
    int entries = random.nextInt(3) == 0 ? 1 : count;
    for (int i = 0; i < entries; i++) {
      int sensor = kind - 1 + 5 * random.nextInt(SENSORS / 5);
      if (byId) {
        columns.addSensorIds(sensor);
      } else {
        columns.addSensorRefs(sensor);
      }
    }
    times(columns, count);
    for (int i = 0; i < count; i++) {
      switch (kind) {
        case Kind.KIND_DOUBLE_VALUE -> columns.addDoubles(doubleValue());
        case Kind.KIND_INTEGER_VALUE -> columns.addIntegers(integer());
        case Kind.KIND_BOOLEAN_VALUE -> columns.addBooleans(random.nextBoolean());
        case Kind.KIND_TEXT_VALUE -> columns.addTexts(text());
        default -> columns.addBlobs(blob());
      }
    }
    return columns.build();
  }

  private void times(Columns.Builder columns, int count) {
    boolean extreme = random.nextInt(10) == 0;
    columns.setTimeBase(extreme ? 0 : time() / 4);
    columns.setTimeStep(random.nextInt(3) == 0 ? 0 : random.nextInt(2_000_000) - 500_000);
    long[] units = {0, 1, 1_000, 1_000_000, 1_000_000_000};
    long unit = extreme ? 0 : units[random.nextInt(units.length)];
    columns.setTimeUnit(unit);
    if (extreme || random.nextBoolean()) {
      if (extreme) {
        columns.setTimeStep(0);
      }
      for (int i = 0; i < count; i++) {
        columns.addTimeOffsets(extreme ? random.nextLong() : random.nextInt(4_000) - 2_000);
      }
    }
  }

  private long time() {
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> Long.MIN_VALUE;
      case 2 -> Long.MAX_VALUE;
      case 3 -> random.nextLong();
      default -> 1_700_000_000_000_000_000L + random.nextInt(1_000_000) * 1_000L;
    };
  }

  private static Timestamp timestamp(long nanos) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(nanos, 1_000_000_000))
        .setNanos(Math.floorMod(nanos, 1_000_000_000))
        .build();
  }

  private double doubleValue() {
    return switch (random.nextInt(4)) {
      case 0 -> -0.0;
      case 1 -> Double.longBitsToDouble(0x7ff8_0000_dead_beefL);
      case 2 -> Double.longBitsToDouble(random.nextLong());
      default -> random.nextGaussian();
    };
  }

  private long integer() {
    return random.nextLong() >> random.nextInt(64);
  }

  private String text() {
    var text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.appendCodePoint(
          new int[] {'a', 0, 0x7f, 0xe9, 0x20ac, 0x1f321, 0xffff}[random.nextInt(7)]);
    }
    return text.toString();
  }

  private ByteString blob() {
    byte[] bytes = new byte[random.nextInt(5)];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
