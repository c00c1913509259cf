package dev.weir.service.wire.columns;

import com.google.protobuf.CodedOutputStream;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.service.wire.protobuf.ProtobufWriter;

/** Writes event times as base, step, unit and offsets. */
public final class TimeColumnBuilder {
  /** Greater differences from the first time could overflow when a step is subtracted. */
  private static final long DIFFERENCE_MAX = 1L << 62;

  private TimeColumnBuilder() {}

  /**
   * Appends the time fields of a Columns message. The unit is the greatest that divides all
   * differences; the step is the mean one where that takes fewer bytes, else zero.
   */
  public static void write(ProtobufWriter out, long[] times, int count) {
    long base = times[0];
    long unit = commonUnit(times, count);
    if (unit < 0) {
      writeFields(out, 0, 0, 1, times, count);
      return;
    }
    long[] units = new long[count];
    for (int i = 1; i < count && unit > 0; i++) {
      units[i] = (times[i] - base) / unit;
    }
    long step = count > 1 ? units[count - 1] / (count - 1) : 0;
    if (step != 0 && offsetBytes(units, step) > offsetBytes(units, 0)) {
      step = 0;
    }
    boolean allZero = true;
    for (int i = 0; i < count; i++) {
      units[i] -= i * step;
      allZero &= units[i] == 0;
    }
    writeFields(out, base, step * unit, unit, units, allZero ? 0 : count);
  }

  private static void writeFields(
      ProtobufWriter out, long base, long step, long unit, long[] offsets, int offsetCount) {
    if (base != 0) {
      out.put(FieldTags.TIME_BASE);
      out.fixed64(base);
    }
    if (step != 0) {
      out.put(FieldTags.TIME_STEP);
      out.zigzag(step);
    }
    if (offsetCount == 0) {
      return;
    }
    if (unit != 1) {
      out.put(FieldTags.TIME_UNIT);
      out.varint(unit);
    }
    var column = new ProtobufWriter(2 * offsetCount);
    for (int i = 0; i < offsetCount; i++) {
      column.zigzag(offsets[i]);
    }
    out.field(FieldTags.TIME_OFFSETS, column);
  }

  /** The greatest divisor of all differences; 0 if all are zero, -1 if one is too great. */
  private static long commonUnit(long[] times, int count) {
    long base = times[0];
    long unit = 0;
    for (int i = 1; i < count; i++) {
      long difference = times[i] - base;
      boolean overflow = ((times[i] ^ base) & (times[i] ^ difference)) < 0;
      if (overflow || Math.abs(difference) >= DIFFERENCE_MAX || difference == Long.MIN_VALUE) {
        return -1;
      }
      if (unit == 0 || unit != 1 && difference % unit != 0) {
        unit = greatestCommonDivisor(Math.abs(difference), unit);
      }
    }
    return unit;
  }

  private static long greatestCommonDivisor(long a, long b) {
    long greater = a;
    long lesser = b;
    while (lesser != 0) {
      long rest = greater % lesser;
      greater = lesser;
      lesser = rest;
    }
    return greater;
  }

  private static long offsetBytes(long[] units, long step) {
    long bytes = 0;
    for (int i = 0; i < units.length; i++) {
      bytes += CodedOutputStream.computeSInt64SizeNoTag(units[i] - i * step);
    }
    return bytes;
  }
}
