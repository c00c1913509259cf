package dev.weir.service.wire.check;

import dev.weir.common.protobuf.FieldTags;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.columns.RunBuilder;
import dev.weir.service.wire.columns.RunList;
import dev.weir.service.wire.protobuf.ProtobufWriter;
import dev.weir.v1.Sensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A legal batch whose sensors are numbered by their place in {@link #sensors()}: what a batch is
 * before all its sensors have ids. Immutable.
 */
public final class NamedBatch implements RecodeResult {
  /** The bytes that a sensor takes besides its name, about. */
  private static final int SENSOR_BYTES = 128;

  /** Tag and length of a sensor, and its id. */
  private static final int SENSOR_PREFIX_BYTES_MAX = 16;

  /** Tag and length of a trace context. */
  private static final int TRACEPARENT_PREFIX_BYTES = 8;

  private final List<Sensor> sensors;
  private final List<RunBuilder> runs;
  private final String traceparent;

  /** The number of each row of a part in the batch that was split; null: they are the same. */
  private final int[] rows;

  private final int readings;
  private final long eventMinNanos;
  private final long eventMaxNanos;

  /** Takes over the runs; nobody changes them any more. */
  NamedBatch(List<Sensor> sensors, List<RunBuilder> runs, String traceparent) {
    this(sensors, runs, traceparent, null);
  }

  private NamedBatch(List<Sensor> sensors, List<RunBuilder> runs, String traceparent, int[] rows) {
    this.rows = rows;
    this.sensors = List.copyOf(sensors);
    this.runs = List.copyOf(runs);
    this.traceparent = traceparent;
    int count = 0;
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (RunBuilder run : runs) {
      count += run.count();
      for (int i = 0; i < run.count(); i++) {
        min = Math.min(min, run.timeNanos(i));
        max = Math.max(max, run.timeNanos(i));
      }
    }
    readings = count;
    eventMinNanos = min;
    eventMaxNanos = max;
  }

  /**
   * The distinct sensors: those the readings are of and those only introduced. One with a name is
   * to be looked up or defined by it (its kind, unit and labels are stated, its id is not); one
   * without a name has its id and kind.
   */
  public List<Sensor> sensors() {
    return sensors;
  }

  /** Number of readings; 0 only for a part of a split that just introduces sensors. */
  public int readings() {
    return readings;
  }

  /** Least event time, Unix nanoseconds; meaningless without readings. */
  public long eventMinNanos() {
    return eventMinNanos;
  }

  /** Greatest event time, Unix nanoseconds; meaningless without readings. */
  public long eventMaxNanos() {
    return eventMaxNanos;
  }

  /** The first rows, at most so many, whose event time is after a time. */
  public List<Integer> rowsAfter(long nanos, int rowsMax) {
    List<Integer> after = new ArrayList<>();
    int row = 0;
    for (RunBuilder run : runs) {
      for (int i = 0; i < run.count() && after.size() < rowsMax; i++, row++) {
        if (run.timeNanos(i) > nanos) {
          after.add(rows == null ? row : rows[row]);
        }
      }
    }
    return after;
  }

  /**
   * Returns the most bytes that the definitions of its sensors and {@link #encode} take together.
   */
  public long encodedBytesMax() {
    long bytes = (long) traceparent.length() + TRACEPARENT_PREFIX_BYTES;
    for (Sensor sensor : sensors) {
      bytes += SENSOR_PREFIX_BYTES_MAX + sensor.getSerializedSize();
    }
    for (RunBuilder run : runs) {
      bytes += run.encodedBytesMax();
    }
    return bytes;
  }

  /**
   * Returns the bytes that it takes, about: compact columns grow to a multiple of their message.
   */
  public int memoryBytes() {
    int bytes = sensors.size() * SENSOR_BYTES + (rows == null ? 0 : rows.length * Integer.BYTES);
    for (RunBuilder run : runs) {
      bytes += run.memoryBytes();
    }
    return bytes;
  }

  /** W3C trace context; empty for none. */
  public String traceparent() {
    return traceparent;
  }

  /**
   * The canonical bytes.
   *
   * @param idBySensor the id of each of {@link #sensors()}, in their order
   */
  public Slice encode(int[] idBySensor) {
    var batch = new ProtobufWriter(256);
    for (RunBuilder run : runs) {
      run.write(batch, idBySensor);
    }
    if (!traceparent.isEmpty()) {
      byte[] text = traceparent.getBytes(StandardCharsets.US_ASCII);
      batch.field(FieldTags.BATCH_TRACEPARENT, text, 0, text.length);
    }
    return batch.slice();
  }

  /**
   * The parts of this batch by partition; null where a partition gets neither sensors nor readings.
   * Order within each part is that of this batch.
   *
   * @param partitionBySensor the partition of each of {@link #sensors()}, in their order
   */
  public NamedBatch[] split(int[] partitionBySensor, int partitionCount) {
    int[] indexInPart = new int[sensors.size()];
    boolean spans = Arrays.stream(partitionBySensor).distinct().limit(2).count() > 1;
    var parts = new NamedBatch[partitionCount];
    for (int partition = 0; partition < partitionCount; partition++) {
      var partSensors = new ArrayList<Sensor>();
      Arrays.fill(indexInPart, -1);
      for (int i = 0; i < partitionBySensor.length; i++) {
        if (partitionBySensor[i] == partition) {
          indexInPart[i] = partSensors.size();
          partSensors.add(sensors.get(i));
        }
      }
      if (!partSensors.isEmpty()) {
        parts[partition] =
            new NamedBatch(
                partSensors,
                partOfRuns(indexInPart),
                traceparent,
                spans ? rowsOf(indexInPart) : rows);
      }
    }
    return parts;
  }

  private int[] rowsOf(int[] indexInPart) {
    var partRows = IntStream.builder();
    int row = 0;
    for (RunBuilder run : runs) {
      for (int i = 0; i < run.count(); i++, row++) {
        if (indexInPart[run.sensor(i)] >= 0) {
          partRows.add(rows == null ? row : rows[row]);
        }
      }
    }
    return partRows.build().toArray();
  }

  private List<RunBuilder> partOfRuns(int[] indexInPart) {
    var gathered = new RunList();
    for (RunBuilder run : runs) {
      for (int i = 0; i < run.count(); i++) {
        int sensor = indexInPart[run.sensor(i)];
        if (sensor >= 0) {
          gathered.ofKind(run.kind()).addFrom(run, i, sensor);
        }
      }
    }
    return gathered.runs();
  }
}
