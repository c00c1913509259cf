package dev.weir.client.internal.batch;

import dev.weir.common.OwnedBy;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.common.protobuf.Varint;
import dev.weir.v1.Kind;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * The readings of one kind in a batch, as primitive arrays; values already are what the wire takes.
 * Owned by its batch.
 */
@OwnedBy("its batch")
final class ColumnBuffer {
  private static final VarHandle DOUBLES =
      MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int CAPACITY_MIN = 16;

  final int kind;
  int count;
  int[] slots;
  long[] times;
  byte[] values;
  int valueBytes;

  ColumnBuffer(int kind, int capacity) {
    int initial = Math.max(capacity, CAPACITY_MIN);
    this.kind = kind;
    this.slots = new int[initial];
    this.times = new long[initial];
    this.values = new byte[initial * (kind == Kind.KIND_BOOLEAN_VALUE ? 1 : Double.BYTES)];
  }

  private ColumnBuffer(int kind) {
    this.kind = kind;
  }

  void addDouble(int slot, long timeNanos, double value) {
    int index = count;
    if (index == slots.length) {
      growReadings();
    }
    int at = valueBytes;
    if (at + Double.BYTES > values.length) {
      growValues(Double.BYTES);
    }
    slots[index] = slot;
    times[index] = timeNanos;
    DOUBLES.set(values, at, value);
    valueBytes = at + Double.BYTES;
    count = index + 1;
  }

  void addInteger(int slot, long timeNanos, long value) {
    begin(slot, timeNanos, 10);
    valueBytes = Varint.put(values, valueBytes, Varint.zigzag(value));
  }

  void addBoolean(int slot, long timeNanos, boolean value) {
    begin(slot, timeNanos, 1);
    values[valueBytes++] = (byte) (value ? 1 : 0);
  }

  /** A TEXT or BLOB value, as an entry of the repeated field. */
  void addBytes(int slot, long timeNanos, byte[] value) {
    begin(slot, timeNanos, 6 + value.length);
    values[valueBytes++] = (byte) FieldTags.values(kind);
    valueBytes = Varint.put(values, valueBytes, value.length);
    System.arraycopy(value, 0, values, valueBytes, value.length);
    valueBytes += value.length;
  }

  /** Takes out the readings of some sensors; the others keep their order. */
  void removeIf(IntPredicate slotGone) {
    int kept = 0;
    int keptBytes = 0;
    int from = 0;
    for (int i = 0; i < count; i++) {
      int bytes = valueBytesAt(from);
      if (!slotGone.test(slots[i])) {
        slots[kept] = slots[i];
        times[kept] = times[i];
        kept++;
        System.arraycopy(values, from, values, keptBytes, bytes);
        keptBytes += bytes;
      }
      from += bytes;
    }
    count = kept;
    valueBytes = keptBytes;
  }

  /** Some of the readings as a column of their own, the first with its value at a position. */
  ColumnBuffer run(int index, int readings, int valueFrom) {
    int valueTo = valueFrom;
    for (int i = 0; i < readings; i++) {
      valueTo += valueBytesAt(valueTo);
    }
    ColumnBuffer run = new ColumnBuffer(kind);
    run.slots = Arrays.copyOfRange(slots, index, index + readings);
    run.times = Arrays.copyOfRange(times, index, index + readings);
    run.values = Arrays.copyOfRange(values, valueFrom, valueTo);
    run.valueBytes = valueTo - valueFrom;
    run.count = readings;
    return run;
  }

  /** Bytes of a text or blob besides what any reading takes. */
  int payloadBytesAt(int from) {
    return kind >= Kind.KIND_TEXT_VALUE ? (int) Varint.get(values, from + 1) : 0;
  }

  int valueBytesAt(int from) {
    return switch (kind) {
      case Kind.KIND_DOUBLE_VALUE -> Double.BYTES;
      case Kind.KIND_BOOLEAN_VALUE -> 1;
      case Kind.KIND_INTEGER_VALUE -> Varint.size(Varint.get(values, from));
      default -> {
        int length = (int) Varint.get(values, from + 1);
        yield 1 + Varint.size(length) + length;
      }
    };
  }

  private void begin(int slot, long timeNanos, int bytes) {
    if (count == slots.length) {
      growReadings();
    }
    if (valueBytes + bytes > values.length) {
      growValues(bytes);
    }
    slots[count] = slot;
    times[count] = timeNanos;
    count++;
  }

  private void growReadings() {
    slots = Arrays.copyOf(slots, 2 * count);
    times = Arrays.copyOf(times, 2 * count);
  }

  private void growValues(int bytes) {
    values = Arrays.copyOf(values, Math.max(2 * values.length, valueBytes + bytes));
  }
}
