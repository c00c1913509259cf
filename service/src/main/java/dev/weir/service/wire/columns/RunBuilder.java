package dev.weir.service.wire.columns;

import com.google.protobuf.ByteString;
import dev.weir.common.OwnedBy;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.protobuf.ProtobufWriter;
import dev.weir.v1.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Readings of one kind, being gathered into columns; sensors by a number that is the caller's.
 * Values are kept encoded. Owned by the call that made it.
 */
@OwnedBy("its caller")
public final class RunBuilder {
  private static final int FIRST_CAPACITY = 16;

  /** A run's tags, lengths, count, and base, step and unit of its times. */
  private static final int RUN_BYTES_MAX = 64;

  /** An id and a time's offset. */
  private static final int READING_BYTES_MAX = 15;

  private final int kind;
  private final ProtobufWriter values = new ProtobufWriter(FIRST_CAPACITY * Long.BYTES);
  private int count;
  private int[] sensors = new int[FIRST_CAPACITY];
  private long[] times = new long[FIRST_CAPACITY];
  private int[] valueEnds = new int[FIRST_CAPACITY];

  RunBuilder(int kind) {
    this.kind = kind;
  }

  public int kind() {
    return kind;
  }

  public int count() {
    return count;
  }

  /** Returns the bytes that it takes, about. */
  public int memoryBytes() {
    return sensors.length * (2 * Integer.BYTES + Long.BYTES) + values.memoryBytes();
  }

  /** Returns the most bytes that {@link #write} appends. */
  public long encodedBytesMax() {
    return RUN_BYTES_MAX + values.length() + (long) count * READING_BYTES_MAX;
  }

  public int sensor(int index) {
    return sensors[index];
  }

  public long timeNanos(int index) {
    return times[index];
  }

  /** Begins a reading; exactly one value must follow. */
  private void reading(int sensor, long timeNanos) {
    if (count == sensors.length) {
      sensors = Arrays.copyOf(sensors, 2 * count);
      times = Arrays.copyOf(times, 2 * count);
      valueEnds = Arrays.copyOf(valueEnds, 2 * count);
    }
    sensors[count] = sensor;
    times[count] = timeNanos;
  }

  private void endReading() {
    valueEnds[count++] = values.length();
  }

  public void addDouble(int sensor, long timeNanos, double value) {
    reading(sensor, timeNanos);
    values.fixed64(Double.doubleToRawLongBits(value));
    endReading();
  }

  public void addInteger(int sensor, long timeNanos, long value) {
    reading(sensor, timeNanos);
    values.zigzag(value);
    endReading();
  }

  public void addBoolean(int sensor, long timeNanos, boolean value) {
    reading(sensor, timeNanos);
    values.put(value ? 1 : 0);
    endReading();
  }

  public void addText(int sensor, long timeNanos, String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    reading(sensor, timeNanos);
    values.field(FieldTags.values(kind), utf8, 0, utf8.length);
    endReading();
  }

  public void addBlob(int sensor, long timeNanos, ByteString value) {
    byte[] bytes = value.toByteArray();
    reading(sensor, timeNanos);
    values.field(FieldTags.values(kind), bytes, 0, bytes.length);
    endReading();
  }

  /** Adds a DOUBLE by its bits, an INTEGER, or a BOOLEAN that is 1 or 0. */
  void addBits(int sensor, long timeNanos, long bits) {
    reading(sensor, timeNanos);
    switch (kind) {
      case Kind.KIND_DOUBLE_VALUE -> values.fixed64(bits);
      case Kind.KIND_INTEGER_VALUE -> values.zigzag(bits);
      default -> values.put((int) bits);
    }
    endReading();
  }

  /** Adds a TEXT by its UTF-8, or a BLOB. */
  void addBytes(int sensor, long timeNanos, Slice value) {
    reading(sensor, timeNanos);
    values.field(FieldTags.values(kind), value.array(), value.offset(), value.length());
    endReading();
  }

  /** Adds the reading at which a reader stands. */
  public void addFrom(ColumnsReader reader, int sensor) {
    reading(sensor, reader.timeNanos());
    reader.copyValue(values);
    endReading();
  }

  /** Adds a reading of another run of the same kind. */
  public void addFrom(RunBuilder other, int index, int sensor) {
    reading(sensor, other.times[index]);
    int from = index == 0 ? 0 : other.valueEnds[index - 1];
    values.range(other.values, from, other.valueEnds[index]);
    endReading();
  }

  /**
   * Appends the run as an entry of {@code Batch.columns}.
   *
   * @param idBySensor the id of each sensor number; null if the numbers are the ids
   */
  public void write(ProtobufWriter batch, int[] idBySensor) {
    var run = new ProtobufWriter(values.length() + 4 * count + FIRST_CAPACITY);
    run.put(FieldTags.COUNT);
    run.varint(count);
    run.field(FieldTags.SENSOR_IDS, ids(idBySensor));
    TimeColumnBuilder.write(run, times, count);
    if (kind >= Kind.KIND_TEXT_VALUE) {
      run.all(values);
    } else {
      run.field(FieldTags.values(kind), values);
    }
    batch.field(FieldTags.BATCH_COLUMNS, run);
  }

  private ProtobufWriter ids(int[] idBySensor) {
    int entries = 1;
    for (int i = 1; i < count && entries == 1; i++) {
      entries = sensors[i] == sensors[0] ? 1 : count;
    }
    var ids = new ProtobufWriter(2 * entries);
    for (int i = 0; i < entries; i++) {
      ids.unsigned(idBySensor == null ? sensors[i] : idBySensor[sensors[i]]);
    }
    return ids;
  }
}
