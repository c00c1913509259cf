package dev.weir.service.wire.columns;

import dev.weir.common.OwnedBy;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.common.protobuf.ProtobufReader;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.check.BatchCheck;
import dev.weir.service.wire.protobuf.ProtobufWriter;
import dev.weir.v1.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * Goes through the readings of a canonical batch, run by run, without allocating per reading. Owned
 * by the call that made it. Every method throws IllegalStateException where the bytes are not a
 * canonical batch; what {@link BatchCheck} passed always is.
 */
@OwnedBy("its caller")
public final class ColumnsReader {
  /** A tag and a length. */
  private static final int TEXT_PREFIX_BYTES_MAX = 6;

  private final byte[] array;
  private final ProtobufReader batch;
  private final RunHeader run;
  private final ProtobufReader ids;
  private final ProtobufReader offsets;
  private final ProtobufReader values;

  private boolean inRun;
  private int runFirstRow;
  private int index;
  private int sensorId;
  private long stepNanos;
  private long timeNanos;
  private long bits;
  private int valueFrom;
  private int valueEnd;

  /** Stands before the first run. */
  public ColumnsReader(Slice batch) {
    array = batch.array();
    this.batch = new ProtobufReader(array, batch.offset(), batch.end());
    run = new RunHeader(array);
    ids = new ProtobufReader(array, 0, 0);
    offsets = new ProtobufReader(array, 0, 0);
    values = new ProtobufReader(array, 0, 0);
  }

  /** Goes to the next run, also when readings of this one are left. False behind the last one. */
  public boolean nextRun() {
    runFirstRow += inRun ? run.count : 0;
    inRun = batch.left() > 0 && array[batch.at()] == FieldTags.BATCH_COLUMNS;
    if (!inRun) {
      return false;
    }
    require(run.read(batch));
    ids.range(run.idsFrom, run.idsEnd);
    offsets.range(run.offsetsFrom, run.offsetsEnd);
    values.range(run.valuesFrom, run.valuesEnd);
    index = -1;
    sensorId = run.firstId;
    stepNanos = run.timeBase - run.timeStep;
    return true;
  }

  /** Number of the run's {@code weir.v1.Kind}. */
  public int kind() {
    return run.kind;
  }

  /** Readings of the run. */
  public int count() {
    return run.count;
  }

  /** Goes to the run's next reading. False behind the last one. */
  public boolean nextReading() {
    if (index + 1 >= run.count) {
      return false;
    }
    index++;
    if (!run.oneId) {
      sensorId = ids.uint32();
    }
    stepNanos += run.timeStep;
    timeNanos = run.hasOffsets() ? stepNanos + offsets.zigzag() * run.timeUnit : stepNanos;
    nextValue();
    require(!ids.failed() && !offsets.failed() && !values.failed());
    return true;
  }

  /**
   * Takes the next readings of a run of numbers, behind which the reader stands then. False, and
   * nothing in the block counts, behind the last one.
   */
  public boolean nextBlock(NumberChunk block) {
    int count = Math.min(block.bits.length, run.count - index - 1);
    block.count = count;
    block.firstRow = runFirstRow + index + 1;
    if (run.oneId) {
      Arrays.fill(block.sensorIds, 0, count, sensorId);
    } else {
      ids.uint32s(block.sensorIds, count);
    }
    takeTimes(block.timesNanos, count);
    switch (run.kind) {
      case Kind.KIND_DOUBLE_VALUE -> values.fixed64s(block.bits, count);
      case Kind.KIND_INTEGER_VALUE -> values.zigzags(block.bits, count);
      default -> values.bytes(block.bits, count);
    }
    require(!run.isText() && !ids.failed() && !offsets.failed() && !values.failed());
    index += count;
    return count > 0;
  }

  private void takeTimes(long[] target, int count) {
    long stepped = stepNanos;
    if (run.hasOffsets()) {
      offsets.zigzags(target, count);
      for (int i = 0; i < count; i++) {
        stepped += run.timeStep;
        target[i] = stepped + target[i] * run.timeUnit;
      }
    } else {
      for (int i = 0; i < count; i++) {
        stepped += run.timeStep;
        target[i] = stepped;
      }
    }
    stepNanos = stepped;
  }

  private void nextValue() {
    valueFrom = values.at();
    switch (run.kind) {
      case Kind.KIND_DOUBLE_VALUE -> bits = values.fixed64();
      case Kind.KIND_INTEGER_VALUE -> bits = values.zigzag();
      case Kind.KIND_BOOLEAN_VALUE -> bits = values.varint();
      default -> {
        require(values.tag(FieldTags.values(run.kind)));
        int length = values.length();
        valueFrom = values.at();
        values.skip(length);
      }
    }
    valueEnd = values.at();
  }

  /** The reading's index in the batch, across its runs, from 0. */
  public int row() {
    return runFirstRow + index;
  }

  /** The reading's sensor id, unsigned. */
  public int sensorId() {
    return sensorId;
  }

  /** The reading's event time, Unix nanoseconds. */
  public long timeNanos() {
    return timeNanos;
  }

  /** A DOUBLE value's bits, as they were published. */
  public long doubleBits() {
    return bits;
  }

  /** A DOUBLE value. */
  public double doubleValue() {
    return Double.longBitsToDouble(bits);
  }

  /** An INTEGER value. */
  public long integerValue() {
    return bits;
  }

  /** A BOOLEAN value. */
  public boolean booleanValue() {
    return bits != 0;
  }

  /** The array in which a TEXT (UTF-8) or BLOB value lies. Not to be changed. */
  public byte[] valueArray() {
    return array;
  }

  /** Index of a TEXT or BLOB value's first byte in {@link #valueArray()}. */
  public int valueOffset() {
    return valueFrom;
  }

  /** Bytes of a TEXT or BLOB value. */
  public int valueLength() {
    return valueEnd - valueFrom;
  }

  /** A TEXT (UTF-8) or BLOB value's bytes. Allocates; the bytes are shared. */
  public Slice bytesValue() {
    return new Slice(array, valueFrom, valueEnd - valueFrom);
  }

  /** The W3C trace context behind the last run; empty for none. Call when there is no next run. */
  public String traceparent() {
    if (batch.left() == 0) {
      return "";
    }
    String text = TraceparentField.read(batch, array);
    require(text != null && batch.left() == 0);
    return text;
  }

  /** The next rows, at most so many, whose event time is after a time; moves behind them. */
  public List<Integer> rowsAfter(long nanos, int rowsMax) {
    List<Integer> rows = new ArrayList<>();
    while (rows.size() < rowsMax && nextRun()) {
      while (rows.size() < rowsMax && nextReading()) {
        if (timeNanos > nanos) {
          rows.add(row());
        }
      }
    }
    return rows;
  }

  /** Bytes of the run as an entry of {@code Batch.columns}. */
  Slice runEntry() {
    return new Slice(array, run.from, run.end - run.from);
  }

  /** Bytes of the batch behind the runs that were read. */
  Slice rest() {
    return new Slice(array, batch.at(), batch.left());
  }

  /** Returns whether one sensor id stands for all readings of the run. */
  boolean hasOneId() {
    return run.oneId;
  }

  /** The sensor id of the run's first reading. */
  int firstId() {
    return run.firstId;
  }

  /**
   * Hands out the indexes in the run, from one on, whose ids match, without moving. For runs with
   * an id per reading.
   */
  void forEachMatching(IntPredicate ids, int fromIndex, IntConsumer target) {
    var scan = new ProtobufReader(array, run.idsFrom, run.idsEnd);
    scan.skipVarints(fromIndex);
    for (int i = fromIndex; i < run.count; i++) {
      if (ids.test(scan.uint32())) {
        target.accept(i);
      }
    }
    require(!scan.failed());
  }

  /** Hands out the run's sensor ids, without moving. */
  void forEachId(IntConsumer target) {
    var scan = new ProtobufReader(array, run.idsFrom, run.idsEnd);
    while (scan.left() > 0) {
      target.accept(scan.uint32());
    }
    require(!scan.failed());
  }

  /** The batch's row number of the run's first reading. */
  int runFirstRow() {
    return runFirstRow;
  }

  /** Copies the reading's value in the form that a values column has. */
  void copyValue(ProtobufWriter target) {
    if (run.isText()) {
      target.field(FieldTags.values(run.kind), array, valueFrom, valueEnd - valueFrom);
    } else {
      target.bytes(array, valueFrom, valueEnd - valueFrom);
    }
  }

  /** Most bytes that {@link #copyValue} appends. */
  int copiedValueBytes() {
    return valueEnd - valueFrom + (run.isText() ? TEXT_PREFIX_BYTES_MAX : 0);
  }

  /** Appends the reading's value as field of {@code weir.v1.Reading}. */
  void putReadingValue(ProtobufWriter target) {
    int length = valueEnd - valueFrom;
    switch (run.kind) {
      case Kind.KIND_DOUBLE_VALUE -> target.put(FieldTags.READING_DOUBLE);
      case Kind.KIND_INTEGER_VALUE -> target.put(FieldTags.READING_INTEGER);
      case Kind.KIND_BOOLEAN_VALUE -> target.put(FieldTags.READING_BOOLEAN);
      case Kind.KIND_TEXT_VALUE -> {
        target.put(FieldTags.READING_TEXT);
        target.varint(length);
      }
      default -> {
        target.put(FieldTags.READING_BLOB);
        target.varint(length);
      }
    }
    target.bytes(array, valueFrom, length);
  }

  private static void require(boolean canonical) {
    if (!canonical) {
      throw new IllegalStateException("the bytes are not a canonical batch");
    }
  }
}
