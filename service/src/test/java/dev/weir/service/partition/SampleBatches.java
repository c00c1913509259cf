package dev.weir.service.partition;

import dev.weir.service.core.Slice;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.check.BatchRecoder;
import dev.weir.service.wire.check.NamedBatch;
import dev.weir.service.wire.check.SensorKinds;
import dev.weir.service.wire.names.Partitioner;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;

/** Batches for tests. Without state. */
public final class SampleBatches {
  public static final BatchLimits LIMITS = new BatchLimits(65_536, 4_096);

  private SampleBatches() {}

  /** Readings of one sensor, an integer each. */
  public static Batch rows(String sensor, long... values) {
    Batch.Builder batch = Batch.newBuilder();
    for (long value : values) {
      batch.addRows(Reading.newBuilder().setSensor(sensor).setInteger(value));
    }
    return batch.build();
  }

  /** A batch that names its sensors, as a payload. */
  public static Payload.Named named(Batch batch, long receivedNanos) {
    return new Payload.Named(
        (NamedBatch) BatchRecoder.decode(batch, SensorKinds.NONE, receivedNanos, LIMITS));
  }

  /** Readings of one sensor as a payload that names it. */
  public static Payload.Named named(String sensor, long... values) {
    return named(rows(sensor, values), 0);
  }

  /** Readings of one sensor id as a payload in canonical form. */
  public static Payload.Encoded encoded(int id, long... values) {
    NamedBatch batch = named("any", values).batch();
    return new Payload.Encoded(batch.encode(new int[] {id}), values.length, 0, 0, "");
  }

  /** Readings of one sensor id in canonical form. */
  public static Slice bytes(int id, long... values) {
    return encoded(id, values).batch();
  }

  /** Columns of one sensor id that is bound in the session. */
  public static Batch ids(int id, long... values) {
    Columns.Builder columns = Columns.newBuilder().setCount(values.length).addSensorIds(id);
    for (long value : values) {
      columns.addIntegers(value);
    }
    return Batch.newBuilder().addColumns(columns).build();
  }

  public static Sensor sensor(String name, Kind kind) {
    return Sensor.newBuilder().setName(name).setKind(kind).build();
  }

  /** The n-th name that belongs to a partition. */
  public static String name(int n, int partition, int partitions) {
    int found = -1;
    for (int i = 0; ; i++) {
      String name = "s" + i;
      if (Partitioner.partition(name, partitions) == partition && ++found == n) {
        return name;
      }
    }
  }
}
