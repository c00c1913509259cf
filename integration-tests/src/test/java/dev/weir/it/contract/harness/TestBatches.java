package dev.weir.it.contract.harness;

import com.google.protobuf.Timestamp;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;

/** Batches of doubles in every form. Stateless. */
public final class TestBatches {
  private static final long EVENT_SECONDS = 1_700_000_000L;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private TestBatches() {}

  /** Readings by name, a second apart. */
  public static Batch rows(String sensor, double... values) {
    Batch.Builder batch = Batch.newBuilder();
    for (int i = 0; i < values.length; i++) {
      batch.addRows(row(sensor, values[i]).setTime(time(i)));
    }
    return batch.build();
  }

  /** One reading without a time. */
  public static Reading.Builder row(String sensor, double value) {
    return Reading.newBuilder().setSensor(sensor).setDouble(value);
  }

  private static Timestamp time(int second) {
    return Timestamp.newBuilder().setSeconds(EVENT_SECONDS + second).build();
  }

  /** Columns of one sensor that the batch itself defines. */
  public static Batch refs(String sensor, double... values) {
    return Batch.newBuilder()
        .addSensors(sensor(sensor, Kind.KIND_DOUBLE))
        .addColumns(columns(values).addSensorRefs(0))
        .build();
  }

  /** Columns of one sensor that is bound in the session. */
  public static Batch ids(int id, double... values) {
    return Batch.newBuilder().addColumns(columns(values).addSensorIds(id)).build();
  }

  private static Columns.Builder columns(double... values) {
    Columns.Builder columns =
        Columns.newBuilder()
            .setCount(values.length)
            .setTimeBase(EVENT_SECONDS * NANOS_PER_SECOND)
            .setTimeStep(NANOS_PER_SECOND);
    for (double value : values) {
      columns.addDoubles(value);
    }
    return columns;
  }

  /** A definition. */
  public static Sensor sensor(String name, Kind kind) {
    return Sensor.newBuilder().setName(name).setKind(kind).build();
  }

  /** A batch whose second reading is wrong by its bytes alone: it has no value. */
  public static Batch malformed(String sensor) {
    return rows(sensor, 1, 2, 3).toBuilder()
        .setRows(1, Reading.newBuilder().setSensor(sensor))
        .build();
  }
}
